// SPDX-License-Identifier: Apache-2.0
//
// Floats rounded to 16-bit ones and kept as floats, for the loops of each
// instruction set.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_ROUND_NARROW_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_ROUND_NARROW_H_

#include <stdint.h>
#include <string.h>

#if defined(__F16C__)
#include <immintrin.h>
#endif

static inline float float_of(int32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

static inline int32_t bits_of(float value) {
  int32_t bits;
  memcpy(&bits, &value, sizeof(bits));
  return bits;
}

// Bits of floats: infinity, the largest half, the smallest normal half.
#define INFINITY_BITS 0x7f800000
#define LARGEST_HALF_BITS 0x477fe000
#define NORMAL_HALF_BITS 0x38800000

// A size's bits with |cut| bits of the fraction less: the nearest, the even one
// of two.
static inline int32_t round_bits(int32_t size, int cut) {
  int32_t half = (1 << (cut - 1)) - 1;
  return (size + half + ((size >> cut) & 1)) & ~((1 << cut) - 1);
}

// The nearest bfloat16 and half, as floats: what storing a float as one and
// loading it again gives. Integers alone, which become vectors.
static inline float round_bf16(float value) {
  int32_t size = bits_of(value) & INT32_MAX;
  int32_t rounded = round_bits(size, 16);
  rounded = size > INFINITY_BITS ? size : rounded;
  return float_of(rounded | (bits_of(value) & INT32_MIN));
}

static inline float round_f16(float value) {
  int32_t size = bits_of(value) & INT32_MAX;
  // Below the normal ones halves lie 2^-24 apart, as floats from 0.5 to 1 do.
  int32_t small = bits_of((float_of(size) + 0.5f) - 0.5f);
  int32_t rounded = round_bits(size, 13);
  rounded = rounded > LARGEST_HALF_BITS ? INFINITY_BITS : rounded;
  // A mask, since a choice would move the sum above into a branch.
  int32_t mask = -(int32_t)(size < NORMAL_HALF_BITS);
  rounded = (small & mask) | (rounded & ~mask);
  rounded = size > INFINITY_BITS ? size : rounded;
  return float_of(rounded | (bits_of(value) & INT32_MIN));
}

// round_f16 where values are rounded one by one.
static inline float round_one_f16(float value) {
#if defined(__F16C__)
  return _cvtsh_ss(_cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT));
#else
  return round_f16(value);
#endif
}

// The same of |count| values in place.
static inline void round_row_f16(float* values, int count) {
  int i = 0;
#if defined(__F16C__)
  for (; i + 8 <= count; i += 8) {
    __m128i narrow =
        _mm256_cvtps_ph(_mm256_loadu_ps(values + i), _MM_FROUND_TO_NEAREST_INT);
    _mm256_storeu_ps(values + i, _mm256_cvtph_ps(narrow));
  }
#endif
  for (; i < count; ++i) {
    values[i] = round_f16(values[i]);
  }
}

static inline void round_row_bf16(float* values, int count) {
  for (int i = 0; i < count; ++i) {
    values[i] = round_bf16(values[i]);
  }
}

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_ROUND_NARROW_H_
