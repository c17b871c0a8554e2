// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <immintrin.h>
#include <math.h>

#include "backends/cpu/kernels/qlayer.h"

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

// What belongs to all.
typedef struct {
  __m512 low, high, factor, offset, most;
} all_t;

static ALWAYS_INLINE columns_t columns_of(const pt2__qlayer_finish_t* p,
                                          int64_t at, __mmask16 valid) {
  // Adding it changes nothing, not even a zero's sign.
  columns_t c = {_mm512_setzero_si512(),
                 _mm512_maskz_loadu_ps(valid, p->scales + at),
                 _mm512_set1_ps(-0.0f)};
  if (p->weight_sums != NULL) {
    c.less = _mm512_mullo_epi32(
        _mm512_set1_epi32(p->zero_point),
        _mm512_maskz_loadu_epi32(valid, p->weight_sums + at));
  }
  if (p->bias != NULL) {
    c.bias = _mm512_maskz_loadu_ps(valid, p->bias + at);
  }
  return c;
}

static ALWAYS_INLINE all_t all_of(const pt2__qlayer_finish_t* p) {
  return (all_t){_mm512_set1_ps(p->low), _mm512_set1_ps(p->high),
                 _mm512_set1_ps(p->factor), _mm512_set1_ps(p->offset),
                 _mm512_set1_ps(p->most)};
}

static ALWAYS_INLINE __m512 value_of(const pt2__qlayer_finish_t* p,
                                     const pt2__qlayer_result_t result,
                                     const bool bounded, const all_t* all,
                                     const columns_t* c, int64_t row,
                                     int64_t at) {
  __m512i sum = _mm512_sub_epi32(
      _mm512_loadu_si512(p->sums + row * PT2__QLAYER_COLUMNS + at), c->less);
  if (result == PT2__QLAYER_STEPS && p->row_sums != NULL) {
    sum = _mm512_sub_epi32(sum, _mm512_set1_epi32(p->row_sums[row]));
  }
  __m512 value =
      _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), c->scale), c->bias);
  if (bounded) {
    // Of a NaN and a number these return the second.
    value = _mm512_min_ps(all->high, _mm512_max_ps(all->low, value));
  }
  return result == PT2__QLAYER_F32
             ? value
             : _mm512_add_ps(_mm512_mul_ps(value, all->factor), all->offset);
}

// A NaN and what is too low becomes the lowest integer, which saturates later.
static ALWAYS_INLINE __m512i integers(const all_t* all, __m512 value) {
  return _mm512_cvtps_epi32(_mm512_min_ps(all->most, value));
}

static ALWAYS_INLINE void store_floats(const pt2__qlayer_finish_t* p,
                                       const pt2__qlayer_result_t result,
                                       __m512 value, __mmask16 valid,
                                       float* out) {
  if (result == PT2__QLAYER_STEPS) {
    const __m512 magic = _mm512_set1_ps(12582912.0f);
    value = _mm512_max_ps(value, _mm512_set1_ps(p->least));
    value = _mm512_min_ps(value, _mm512_set1_ps(p->most));
    value = _mm512_sub_ps(_mm512_add_ps(value, magic), magic);
    value = _mm512_mul_ps(value, _mm512_set1_ps(p->step));
  }
  _mm512_mask_storeu_ps(out, valid, value);
}

static ALWAYS_INLINE void store_bytes(const pt2__qlayer_result_t result,
                                      __m512i value, __mmask16 valid,
                                      char* out) {
  const __m512i least =
      _mm512_set1_epi32(result == PT2__QLAYER_S8 ? INT8_MIN : 0);
  _mm_mask_storeu_epi8(out, valid,
                       _mm512_cvtepi32_epi8(_mm512_max_epi32(value, least)));
}

// 64 columns of integers as bytes.
static ALWAYS_INLINE __m512i narrow(const pt2__qlayer_result_t result,
                                    const __m512i* v) {
  const __m512i order =
      _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  __m512i bytes = result == PT2__QLAYER_S8
                      ? _mm512_packs_epi16(_mm512_packs_epi32(v[0], v[1]),
                                           _mm512_packs_epi32(v[2], v[3]))
                      : _mm512_packus_epi16(_mm512_packus_epi32(v[0], v[1]),
                                            _mm512_packus_epi32(v[2], v[3]));
  return _mm512_permutexvar_epi32(order, bytes);
}

static ALWAYS_INLINE void finish_whole(const pt2__qlayer_finish_t* p,
                                       const pt2__qlayer_result_t result,
                                       const bool bounded) {
  const all_t all = all_of(p);
  columns_t columns[VECTORS];
  UNROLL for (int v = 0; v < VECTORS; ++v) {
    columns[v] = columns_of(p, v * LANES, 0xffff);
  }
  char* out = p->out;
  for (int64_t row = 0; row < p->rows; ++row, out += p->out_rs) {
    __m512i whole[VECTORS];
    UNROLL for (int v = 0; v < VECTORS; ++v) {
      __m512 value =
          value_of(p, result, bounded, &all, &columns[v], row, v * LANES);
      if (result == PT2__QLAYER_U8 || result == PT2__QLAYER_S8) {
        whole[v] = integers(&all, value);
      } else {
        store_floats(p, result, value, 0xffff, (float*)out + v * LANES);
      }
    }
    if (result == PT2__QLAYER_U8 || result == PT2__QLAYER_S8) {
      _mm512_storeu_si512(out, narrow(result, whole));
    }
  }
}

static ALWAYS_INLINE void finish_part(const pt2__qlayer_finish_t* p,
                                      const pt2__qlayer_result_t result,
                                      const bool bounded) {
  const all_t all = all_of(p);
  for (int64_t at = 0; at < p->count; at += LANES) {
    int64_t left = p->count - at;
    __mmask16 valid = (__mmask16)(left < LANES ? (1 << left) - 1 : 0xffff);
    const columns_t columns = columns_of(p, at, valid);
    char* out = p->out;
    for (int64_t row = 0; row < p->rows; ++row, out += p->out_rs) {
      __m512 value = value_of(p, result, bounded, &all, &columns, row, at);
      if (result == PT2__QLAYER_U8 || result == PT2__QLAYER_S8) {
        store_bytes(result, integers(&all, value), valid, out + at);
      } else {
        store_floats(p, result, value, valid, (float*)out + at);
      }
    }
  }
}

static ALWAYS_INLINE void finish_as(const pt2__qlayer_finish_t* p,
                                    const pt2__qlayer_result_t result) {
  bool bounded = p->low != -INFINITY || p->high != INFINITY;
  if (p->count == PT2__QLAYER_COLUMNS && bounded) {
    finish_whole(p, result, true);
  } else if (p->count == PT2__QLAYER_COLUMNS) {
    finish_whole(p, result, false);
  } else {
    finish_part(p, result, true);
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

#include "backends/cpu/kernels/qlayer.inc"
#endif
