// SPDX-License-Identifier: Apache-2.0
//
// Vectors of PT2_SIMD_BYTES for the matrix kernels, on the compiler's vector
// extension: one source for every instruction set. Intrinsics only where the
// extension has no word: fused multiply-add and half floats.
//
// Included by one gemm_<isa>.c, which defines PT2_SIMD_BYTES (16, 32 or 64).
#include <stdint.h>
#include <string.h>

#if defined(__AVX__)
#include <immintrin.h>
#endif

#include "tensor/tensor.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define F32_LANES (PT2_SIMD_BYTES / 4)
#define F64_LANES (PT2_SIMD_BYTES / 8)

typedef float vf32 __attribute__((vector_size(PT2_SIMD_BYTES)));
typedef double vf64 __attribute__((vector_size(PT2_SIMD_BYTES)));
typedef uint32_t vu32 __attribute__((vector_size(PT2_SIMD_BYTES)));
typedef int32_t vi32 __attribute__((vector_size(PT2_SIMD_BYTES)));
typedef uint16_t vu16 __attribute__((vector_size(PT2_SIMD_BYTES / 2)));

static ALWAYS_INLINE vf32 load_f32(const float* at) {
  vf32 value;
  memcpy(&value, at, sizeof(value));
  return value;
}

static ALWAYS_INLINE void store_f32(float* at, vf32 value) {
  memcpy(at, &value, sizeof(value));
}

static ALWAYS_INLINE vf64 load_f64(const double* at) {
  vf64 value;
  memcpy(&value, at, sizeof(value));
  return value;
}

static ALWAYS_INLINE void store_f64(double* at, vf64 value) {
  memcpy(at, &value, sizeof(value));
}

static ALWAYS_INLINE vf32 splat_f32(float x) {
#if PT2_SIMD_BYTES == 64
  return (vf32){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x};
#elif PT2_SIMD_BYTES == 32
  return (vf32){x, x, x, x, x, x, x, x};
#else
  return (vf32){x, x, x, x};
#endif
}

static ALWAYS_INLINE vf64 splat_f64(double x) {
#if PT2_SIMD_BYTES == 64
  return (vf64){x, x, x, x, x, x, x, x};
#elif PT2_SIMD_BYTES == 32
  return (vf64){x, x, x, x};
#else
  return (vf64){x, x};
#endif
}

static ALWAYS_INLINE vf32 fma_f32(vf32 a, vf32 b, vf32 c) {
#if PT2_SIMD_BYTES == 64 && defined(__AVX512F__)
  return (vf32)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif PT2_SIMD_BYTES == 32 && defined(__FMA__)
  return (vf32)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
  return a * b + c;
#endif
}

static ALWAYS_INLINE vf64 fma_f64(vf64 a, vf64 b, vf64 c) {
#if PT2_SIMD_BYTES == 64 && defined(__AVX512F__)
  return (vf64)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif PT2_SIMD_BYTES == 32 && defined(__FMA__)
  return (vf64)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
#else
  return a * b + c;
#endif
}

// Sum of the lanes.
static ALWAYS_INLINE float sum_f32(vf32 value) {
#if PT2_SIMD_BYTES == 64 && defined(__AVX512F__)
  return _mm512_reduce_add_ps((__m512)value);
#else
  typedef float quarter_t __attribute__((vector_size(16)));
#if PT2_SIMD_BYTES == 32 && defined(__AVX__)
  quarter_t four = (quarter_t)_mm256_castps256_ps128((__m256)value) +
                   (quarter_t)_mm256_extractf128_ps((__m256)value, 1);
#else
  quarter_t parts[PT2_SIMD_BYTES / 16];
  memcpy(parts, &value, sizeof(parts));
  quarter_t four = parts[0];
  for (int i = 1; i < PT2_SIMD_BYTES / 16; ++i) {
    four += parts[i];
  }
#endif
  return (four[0] + four[2]) + (four[1] + four[3]);
#endif
}

static ALWAYS_INLINE double sum_f64(vf64 value) {
  double total = 0;
  for (int i = 0; i < F64_LANES / 2; ++i) {
    total += value[i] + value[i + F64_LANES / 2];
  }
  return total;
}

// ---- 16-bit types ----------------------------------------------------------

static ALWAYS_INLINE vf32 load_bf16(const uint16_t* at) {
  vu16 bits;
  memcpy(&bits, at, sizeof(bits));
  vu32 wide = __builtin_convertvector(bits, vu32) << 16;
  vf32 value;
  memcpy(&value, &wide, sizeof(value));
  return value;
}

static ALWAYS_INLINE void store_bf16(uint16_t* at, vf32 value) {
  vu32 bits;
  memcpy(&bits, &value, sizeof(bits));
  // Round to nearest even; a NaN keeps being one (torch writes 0x7FC0).
  vu32 rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  vu32 nan = (vu32)(value != value);
  vu16 narrow =
      __builtin_convertvector((rounded & ~nan) | (nan & 0x7FC0), vu16);
  memcpy(at, &narrow, sizeof(narrow));
}

static ALWAYS_INLINE vf32 load_f16(const uint16_t* at) {
#if PT2_SIMD_BYTES == 64 && defined(__AVX512F__)
  return (vf32)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i*)at));
#elif PT2_SIMD_BYTES == 32 && defined(__F16C__)
  return (vf32)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i*)at));
#else
  vf32 value;
  for (int i = 0; i < F32_LANES; ++i) {
    value[i] = pt2__f16_to_f32(at[i]);
  }
  return value;
#endif
}

static ALWAYS_INLINE void store_f16(uint16_t* at, vf32 value) {
#if PT2_SIMD_BYTES == 64 && defined(__AVX512F__)
  _mm256_storeu_si256((__m256i*)at,
                      _mm512_cvtps_ph((__m512)value, _MM_FROUND_TO_NEAREST_INT |
                                                         _MM_FROUND_NO_EXC));
#elif PT2_SIMD_BYTES == 32 && defined(__F16C__)
  _mm_storeu_si128((__m128i*)at,
                   _mm256_cvtps_ph((__m256)value, _MM_FROUND_TO_NEAREST_INT));
#else
  for (int i = 0; i < F32_LANES; ++i) {
    at[i] = pt2__f32_to_f16(value[i]);
  }
#endif
}

static inline float scalar_f32(const float* at) { return *at; }
static inline double scalar_f64(const double* at) { return *at; }
static inline float scalar_bf16(const uint16_t* at) {
  return pt2__bf16_to_f32(*at);
}
static inline float scalar_f16(const uint16_t* at) {
  return pt2__f16_to_f32(*at);
}

#define DEFINE_CONVERSIONS(type)                                          \
  static inline void widen_##type(const uint16_t* source, float* target,  \
                                  int64_t count) {                        \
    int64_t i = 0;                                                        \
    for (; i + F32_LANES <= count; i += F32_LANES) {                      \
      store_f32(target + i, load_##type(source + i));                     \
    }                                                                     \
    for (; i < count; ++i) {                                              \
      target[i] = scalar_##type(source + i);                              \
    }                                                                     \
  }                                                                       \
  static inline void narrow_##type(const float* source, uint16_t* target, \
                                   int64_t count) {                       \
    int64_t i = 0;                                                        \
    for (; i + F32_LANES <= count; i += F32_LANES) {                      \
      store_##type(target + i, load_f32(source + i));                     \
    }                                                                     \
    for (; i < count; ++i) {                                              \
      target[i] = pt2__f32_to_##type(source[i]);                          \
    }                                                                     \
  }

DEFINE_CONVERSIONS(bf16)
DEFINE_CONVERSIONS(f16)
#undef DEFINE_CONVERSIONS
