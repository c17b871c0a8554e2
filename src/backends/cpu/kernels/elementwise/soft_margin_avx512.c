// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#include "backends/cpu/kernels/elementwise/float_lanes_avx512.h"
#include "backends/cpu/kernels/elementwise/float_vectors_avx512.h"
#include "backends/cpu/kernels/elementwise/soft_margin.h"

static inline __m512 backward(__m512 scale, __m512 grad, __m512 x,
                              __m512 target) {
  const __m512 z = exp_of_lanes(FNMA(target, x, SET(0.0f)));
  const __m512 above = MUL(MUL(target, z), scale);
  return MUL(DIV(above, ADD(z, SET(1.0f))), grad);
}

static void backward_f32(const void* context, char* const* data,
                         const int64_t* strides, int64_t count) {
  const __m512 scale = SET((float)((const pt2__soft_margin_t*)context)->scale);
  for (int64_t i = 0; i < count; i += PT2_FLOAT_LANES) {
    const __mmask16 mask = pt2__first_lanes(count - i);
    __m512 in[3];
    for (int k = 0; k < 3; ++k) {
      const int64_t stride = strides[1 + k];
      in[k] = pt2__load_lanes(data[1 + k] + i * stride, stride, mask);
    }
    pt2__store_lanes(data[0] + i * strides[0], strides[0], mask,
                     backward(scale, in[0], in[1], in[2]));
  }
}

// The others are rounded at each step, which takes longer than what they
// compute.
pt2__elementwise_loop_fn pt2__soft_margin_loop_avx512(int32_t dtype) {
  return dtype == PT2_DTYPE_F32 ? backward_f32
                                : pt2__soft_margin_loop_avx2(dtype);
}
#endif
