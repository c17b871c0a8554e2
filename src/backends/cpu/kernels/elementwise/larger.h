// SPDX-License-Identifier: Apache-2.0
//
// The larger and the smaller of two floats, one pair at a time.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_LARGER_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_LARGER_H_

#include <math.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// pt2__larger_f32(old, from), pt2__smaller_f32 and those of f64: |old| of
// equals or if it is a NaN, |from| if that is one. Which of the two comes
// cannot be foreseen, and where it cannot a branch costs ten times as much.
#if defined(__SSE2__)
// The processor's own choice is |old| where either is a NaN.
#define PT2__PICK(name, type, vector, s, pick, number)             \
  static inline type name(type old, type from) {                   \
    const vector b = _mm_set_s##s(from);                           \
    const vector better = _mm_##pick##_s##s(b, _mm_set_s##s(old)); \
    const vector is_nan = _mm_cmpunord_s##s(b, b);                 \
    return number(_mm_or_p##s(_mm_and_p##s(is_nan, b),             \
                              _mm_andnot_p##s(is_nan, better)));   \
  }
PT2__PICK(pt2__larger_f32, float, __m128, s, max, _mm_cvtss_f32)
PT2__PICK(pt2__smaller_f32, float, __m128, s, min, _mm_cvtss_f32)
PT2__PICK(pt2__larger_f64, double, __m128d, d, max, _mm_cvtsd_f64)
PT2__PICK(pt2__smaller_f64, double, __m128d, d, min, _mm_cvtsd_f64)
#else
#define PT2__PICK(name, type, first, second)            \
  static inline type name(type old, type from) {        \
    return (first < second) | isnan(from) ? from : old; \
  }
PT2__PICK(pt2__larger_f32, float, old, from)
PT2__PICK(pt2__smaller_f32, float, from, old)
PT2__PICK(pt2__larger_f64, double, old, from)
PT2__PICK(pt2__smaller_f64, double, from, old)
#endif
#undef PT2__PICK

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_LARGER_H_
