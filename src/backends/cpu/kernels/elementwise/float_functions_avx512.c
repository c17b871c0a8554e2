// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include <math.h>

#include "backends/cpu/kernels/elementwise/float_functions.h"
#include "backends/cpu/kernels/elementwise/float_lanes_avx512.h"
#include "backends/cpu/kernels/elementwise/float_vectors_avx512.h"

// |function| is inlined into the loop of each function.
static inline __attribute__((always_inline)) void run_vectors(
    __m512 (*function)(__m512 x), char* const* data, const int64_t* strides,
    int64_t count) {
  const int64_t size = (int64_t)sizeof(float);
  const bool dense = strides[0] == size && strides[1] == size;
  int64_t i = 0;
  for (; dense && i + PT2_FLOAT_LANES <= count; i += PT2_FLOAT_LANES) {
    _mm512_storeu_ps(data[0] + i * size,
                     function(_mm512_loadu_ps(data[1] + i * size)));
  }
  for (; i < count; i += PT2_FLOAT_LANES) {
    const __mmask16 mask = pt2__first_lanes(count - i);
    const __m512 x =
        pt2__load_lanes(data[1] + i * strides[1], strides[1], mask);
    pt2__store_lanes(data[0] + i * strides[0], strides[0], mask, function(x));
  }
}

#define VECTOR_LOOP(name)                                          \
  static void name##_loop(const void* context, char* const* data,  \
                          const int64_t* strides, int64_t count) { \
    (void)context;                                                 \
    run_vectors(name##_of_lanes, data, strides, count);            \
  }
VECTOR_LOOP(acos)
VECTOR_LOOP(asin)
VECTOR_LOOP(atan)
VECTOR_LOOP(erf)
VECTOR_LOOP(erfc)
VECTOR_LOOP(exp)
VECTOR_LOOP(log)
VECTOR_LOOP(log10)
VECTOR_LOOP(log1p)
VECTOR_LOOP(log2)
VECTOR_LOOP(tanh)

// |result| with the lanes of |mask| as |function| has them.
static __attribute__((noinline)) __m512 in_lanes(float (*function)(float x),
                                                 __m512 x, __mmask16 mask,
                                                 __m512 result) {
  float in[PT2_FLOAT_LANES], out[PT2_FLOAT_LANES];
  _mm512_storeu_ps(in, x);
  _mm512_storeu_ps(out, result);
  for (int i = 0; i < PT2_FLOAT_LANES; ++i) {
    if ((mask >> i & 1) != 0) {
      out[i] = function(in[i]);
    }
  }
  return _mm512_loadu_ps(out);
}

#define ANGLE_LOOP(name)                                                     \
  static inline __m512 any_##name##_of_lanes(__m512 x) {                     \
    const __mmask16 far = _mm512_cmp_ps_mask(                                \
        _mm512_abs_ps(x), _mm512_set1_ps(MOST_ANGLE_OF_LANES), _CMP_NLT_UQ); \
    const __m512 result = name##_of_lanes(x);                                \
    return __builtin_expect(far != 0, 0) ? in_lanes(name##f, x, far, result) \
                                         : result;                           \
  }                                                                          \
  static void name##_loop(const void* context, char* const* data,            \
                          const int64_t* strides, int64_t count) {           \
    (void)context;                                                           \
    run_vectors(any_##name##_of_lanes, data, strides, count);                \
  }
ANGLE_LOOP(cos)
ANGLE_LOOP(sin)
ANGLE_LOOP(tan)

#define VECTOR_LOOPS
#define FLOAT_LOOPS pt2__float_loops_avx512
#define BF16_LOOPS pt2__bf16_loops_avx512
#include "backends/cpu/kernels/elementwise/float_functions.inc"
#endif
