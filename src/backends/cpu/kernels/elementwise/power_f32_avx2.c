// SPDX-License-Identifier: Apache-2.0
//
// Powers of floats: x^y = 2^(y log2 x) in double precision, whose error of
// about 1e-11 is lost when the result is rounded.
#if defined(__x86_64__)
#include <math.h>
#include <stdint.h>

#include "backends/cpu/kernels/elementwise/power.h"

// Elements that are computed together.
#define BLOCK 16

#define SIMD _Pragma("omp simd")

static inline uint64_t bits_of(double value) {
  union {
    double value;
    uint64_t bits;
  } pun = {.value = value};
  return pun.bits;
}

static inline double from_bits(uint64_t bits) {
  union {
    uint64_t bits;
    double value;
  } pun = {.bits = bits};
  return pun.value;
}

#define SQRT_HALF_BITS 0x3fe6a09e667f3bcdu
#define EXPONENT_BIAS 1023u

// |x| is positive and finite. With x = 2^k m, m around 1 and s = (m - 1) /
// (m + 1) the logarithm is k + 2 / ln 2 (s + s^3 / 3 + s^5 / 5 …), |s| < 0.172.
static inline double log2_of(double x) {
  uint64_t bits = bits_of(x);
  uint64_t biased =
      (bits - SQRT_HALF_BITS + ((uint64_t)EXPONENT_BIAS << 52)) >> 52;
  double m = from_bits(bits - ((biased - EXPONENT_BIAS) << 52));
  // A small integer in the lowest bits of 2^52.
  double k = from_bits(biased | 0x4330000000000000u) - (0x1p52 + EXPONENT_BIAS);
  double s = (m - 1.0) / (m + 1.0);
  double z = s * s;
  double sum = fma(z, 2.8853900817779268 / 13, 2.8853900817779268 / 11);
  sum = fma(sum, z, 2.8853900817779268 / 9);
  sum = fma(sum, z, 2.8853900817779268 / 7);
  sum = fma(sum, z, 2.8853900817779268 / 5);
  sum = fma(sum, z, 2.8853900817779268 / 3);
  sum = fma(sum, z, 2.8853900817779268);
  return fma(s, sum, k);
}

// With t = n + f, |f| <= 1/2, the series of e^(f ln 2).
static inline double exp2_of(double t) {
  // Beyond, a float is 0 or infinity.
  t = t > 200.0 ? 200.0 : t;
  t = t < -200.0 ? -200.0 : t;
  // Leaves n in the lowest bits of the sum.
  double shifted = t + 0x1.8p52;
  double f = (t - (shifted - 0x1.8p52)) * 0.69314718055994531;
  double sum = fma(f, 1.0 / 40320, 1.0 / 5040);
  sum = fma(sum, f, 1.0 / 720);
  sum = fma(sum, f, 1.0 / 120);
  sum = fma(sum, f, 1.0 / 24);
  sum = fma(sum, f, 1.0 / 6);
  sum = fma(sum, f, 0.5);
  sum = fma(sum, f, 1.0);
  sum = fma(sum, f, 1.0);
  return from_bits(bits_of(sum) + (bits_of(shifted) << 52));
}

static inline bool is_usual(float base, float exponent) {
  return base > 0.0f && base < INFINITY && fabsf(exponent) < INFINITY;
}

// |result| is apart from the others. The rest of a block with an unusual
// element is computed as any other, for threads begin their blocks elsewhere.
static void power_block(const float* base, const float* exponent,
                        float* result) {
  int special = 0;
  SIMD for (int i = 0; i < BLOCK; ++i) {
    special |= !is_usual(base[i], exponent[i]);
    result[i] = (float)exp2_of((double)exponent[i] * log2_of((double)base[i]));
  }
  for (int i = 0; special && i < BLOCK; ++i) {
    if (!is_usual(base[i], exponent[i])) {
      result[i] = powf(base[i], exponent[i]);
    }
  }
}

void pt2__power_f32_avx2(const void* context, char* const* data,
                         const int64_t* strides, int64_t count) {
  (void)context;
  char* to = data[0];
  const char *a = data[1], *b = data[2];
  const int64_t to_step = strides[0], a_step = strides[1], b_step = strides[2];
  float base[BLOCK], exponent[BLOCK], result[BLOCK];
  for (int64_t first = 0; first < count; first += BLOCK) {
    int64_t some = count - first < BLOCK ? count - first : BLOCK;
    for (int64_t i = 0; i < BLOCK; ++i) {
      int64_t at = first + (i < some ? i : 0);
      base[i] = *(const float*)(const void*)(a + at * a_step);
      exponent[i] = *(const float*)(const void*)(b + at * b_step);
    }
    power_block(base, exponent, result);
    for (int64_t i = 0; i < some; ++i) {
      *(float*)(void*)(to + (first + i) * to_step) = result[i];
    }
  }
}
#endif
