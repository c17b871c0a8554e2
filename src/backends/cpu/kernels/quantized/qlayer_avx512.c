// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

#include "backends/cpu/kernels/quantized/qlayer.h"

#define KERNELS pt2__qlayer_avx512
#define CHUNK 64
#define HAS_FINISH
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 4")
#define LANES 16
#define VECTORS 4

// What belongs to LANES columns.
typedef struct {
  __m512i less;
  __m512 scale, bias;
} columns_t;

static ALWAYS_INLINE columns_t columns_of(const pt2__qlayer_finish_t* p,
                                          int64_t at, __mmask16 valid) {
  // Adding -0 changes nothing, not even a zero's sign.
  columns_t c = {_mm512_setzero_si512(),
                 _mm512_maskz_loadu_ps(valid, p->scales + at),
                 _mm512_set1_ps(-0.0f)};
  if (p->weight_sums != NULL) {
    c.less = _mm512_mullo_epi32(
        _mm512_set1_epi32(p->zero_point),
        _mm512_maskz_loadu_epi32(valid, p->weight_sums + at));
  }
  if (p->bias != NULL) {
    c.bias = _mm512_mask_loadu_ps(c.bias, valid, p->bias + at);
  }
  return c;
}

// Whether no sum makes a value that 32 bits do not hold.
static ALWAYS_INLINE bool is_moderate(const pt2__qlayer_finish_t* p,
                                      const columns_t* c) {
  __m512 most = _mm512_add_ps(
      _mm512_mul_ps(_mm512_abs_ps(c->scale), _mm512_set1_ps(0x1p31f)),
      _mm512_abs_ps(c->bias));
  most = _mm512_add_ps(_mm512_mul_ps(most, _mm512_set1_ps(fabsf(p->factor))),
                       _mm512_set1_ps(fabsf(p->offset)));
  // False for a NaN.
  return _mm512_cmp_ps_mask(most, _mm512_set1_ps(0x1p30f), _CMP_LT_OQ) ==
         0xffff;
}

// Of each row, whether something is to be done.
typedef struct {
  bool bounded, shifted, guarded;
} steps_t;

static ALWAYS_INLINE __m512 scaled(const pt2__qlayer_finish_t* p,
                                   const pt2__qlayer_result_t result,
                                   const columns_t* c, int64_t row,
                                   int64_t at) {
  __m512i sum = _mm512_sub_epi32(
      _mm512_loadu_si512(p->sums + row * PT2__QLAYER_COLUMNS + at), c->less);
  if (result == PT2__QLAYER_STEPS && p->row_sums != NULL) {
    sum = _mm512_sub_epi32(sum, _mm512_set1_epi32(p->row_sums[row]));
  }
  return _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), c->scale),
                       c->bias);
}

static ALWAYS_INLINE __m512 load_other(const pt2__qlayer_finish_t* p,
                                       int64_t row, int64_t column,
                                       __mmask16 valid) {
  const char* from = (const char*)p->other + row * p->other_rs;
  if (p->other_type == PT2__QLAYER_F32) {
    return _mm512_maskz_loadu_ps(valid, (const float*)from + column);
  }
  __m128i bytes = _mm_maskz_loadu_epi8(valid, from + column);
  return _mm512_cvtepi32_ps(p->other_type == PT2__QLAYER_S8
                                ? _mm512_cvtepi8_epi32(bytes)
                                : _mm512_cvtepu8_epi32(bytes));
}

static ALWAYS_INLINE __m512 with_other(const pt2__qlayer_finish_t* p,
                                       int64_t row, int64_t column,
                                       __mmask16 valid, __m512 value) {
  __m512 other = load_other(p, row, column, valid);
  other = _mm512_sub_ps(other, _mm512_set1_ps(p->other_zero_point));
  return _mm512_add_ps(value,
                       _mm512_mul_ps(_mm512_set1_ps(p->other_scale), other));
}

// Values between the least and the most one as what they stand for.
static ALWAYS_INLINE __m512 whole_steps(const pt2__qlayer_finish_t* p,
                                        __m512 value) {
  const __m512 magic = _mm512_set1_ps(12582912.0f);
  value = _mm512_max_ps(value, _mm512_set1_ps(p->least));
  value = _mm512_min_ps(value, _mm512_set1_ps(p->most));
  value = _mm512_sub_ps(_mm512_add_ps(value, magic), magic);
  return _mm512_mul_ps(value, _mm512_set1_ps(p->step));
}

// 64 columns of integers as bytes.
static ALWAYS_INLINE __m512i narrow(const pt2__qlayer_result_t result,
                                    const __m512i* v) {
  const __m512i order =
      _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  __m512i low = _mm512_packs_epi32(v[0], v[1]);
  __m512i high = _mm512_packs_epi32(v[2], v[3]);
  return _mm512_permutexvar_epi32(order, result == PT2__QLAYER_S8
                                             ? _mm512_packs_epi16(low, high)
                                             : _mm512_packus_epi16(low, high));
}

static ALWAYS_INLINE void store(const pt2__qlayer_finish_t* p,
                                const pt2__qlayer_result_t result,
                                const int vectors, __mmask16 valid,
                                const __m512* value, char* out) {
  if (result == PT2__QLAYER_F32 || result == PT2__QLAYER_STEPS) {
    UNROLL for (int v = 0; v < vectors; ++v) {
      _mm512_mask_storeu_ps(
          (float*)out + v * LANES, valid,
          result == PT2__QLAYER_F32 ? value[v] : whole_steps(p, value[v]));
    }
    return;
  }
  __m512i whole[VECTORS];
  UNROLL for (int v = 0; v < VECTORS; ++v) {
    // A NaN and what is too low becomes the lowest integer.
    whole[v] =
        v < vectors ? _mm512_cvtps_epi32(value[v]) : _mm512_setzero_si512();
  }
  __m512i bytes = narrow(result, whole);
  if (vectors == VECTORS) {
    _mm512_storeu_si512(out, bytes);
  } else {
    _mm_mask_storeu_epi8(out, valid, _mm512_castsi512_si128(bytes));
  }
}

// All rows of |vectors| (VECTORS or 1) times LANES columns from |at| on.
static ALWAYS_INLINE void finish_columns(const pt2__qlayer_finish_t* finish,
                                         const pt2__qlayer_result_t result,
                                         const int vectors, int64_t at,
                                         __mmask16 valid) {
  // A copy, which what is written cannot change.
  const pt2__qlayer_finish_t copy = *finish, *p = &copy;
  const bool is_bytes = result == PT2__QLAYER_U8 || result == PT2__QLAYER_S8;
  steps_t steps = {.bounded = p->low != -INFINITY || p->high != INFINITY,
                   .shifted = p->offset != 0};
  columns_t columns[VECTORS];
  UNROLL for (int v = 0; v < vectors; ++v) {
    columns[v] = columns_of(p, at + v * LANES, valid);
    steps.guarded = is_bytes && (steps.guarded || !is_moderate(p, &columns[v]));
  }
  char* out = (char*)p->out + at * (is_bytes ? 1 : (int64_t)sizeof(float));
  for (int64_t row = 0; row < p->rows; ++row, out += p->out_rs) {
    __m512 value[VECTORS];
    UNROLL for (int v = 0; v < vectors; ++v) {
      value[v] = scaled(p, result, &columns[v], row, at + v * LANES);
    }
    if (p->other != NULL) {
      UNROLL for (int v = 0; v < vectors; ++v) {
        value[v] = with_other(p, row, at + v * LANES, valid, value[v]);
      }
    }
    if (steps.bounded) {
      UNROLL for (int v = 0; v < vectors; ++v) {
        // Of a NaN and a number these return the second.
        value[v] = _mm512_max_ps(_mm512_set1_ps(p->low), value[v]);
        value[v] = _mm512_min_ps(_mm512_set1_ps(p->high), value[v]);
      }
    }
    if (result != PT2__QLAYER_F32) {
      UNROLL for (int v = 0; v < vectors; ++v) {
        value[v] = _mm512_mul_ps(value[v], _mm512_set1_ps(p->factor));
      }
      if (steps.shifted) {
        UNROLL for (int v = 0; v < vectors; ++v) {
          value[v] = _mm512_add_ps(value[v], _mm512_set1_ps(p->offset));
        }
      }
      if (steps.guarded) {
        UNROLL for (int v = 0; v < vectors; ++v) {
          value[v] = _mm512_min_ps(_mm512_set1_ps(p->most), value[v]);
        }
      }
    }
    store(p, result, vectors, valid, value, out);
  }
}

static ALWAYS_INLINE void finish_as(const pt2__qlayer_finish_t* p,
                                    const pt2__qlayer_result_t result) {
  if (p->count == PT2__QLAYER_COLUMNS) {
    finish_columns(p, result, VECTORS, 0, 0xffff);
    return;
  }
  for (int64_t at = 0; at < p->count; at += LANES) {
    int64_t left = p->count - at;
    finish_columns(p, result, 1, at,
                   (__mmask16)(left < LANES ? (1 << left) - 1 : 0xffff));
  }
}

static void finish(const pt2__qlayer_finish_t* p) {
  switch (p->result) {
    case PT2__QLAYER_F32:
      finish_as(p, PT2__QLAYER_F32);
      break;
    case PT2__QLAYER_U8:
      finish_as(p, PT2__QLAYER_U8);
      break;
    case PT2__QLAYER_S8:
      finish_as(p, PT2__QLAYER_S8);
      break;
    case PT2__QLAYER_STEPS:
      finish_as(p, PT2__QLAYER_STEPS);
      break;
  }
}

#include "backends/cpu/kernels/quantized/qlayer.inc"
#endif
