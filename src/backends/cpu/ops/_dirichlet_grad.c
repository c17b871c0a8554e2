// SPDX-License-Identifier: Apache-2.0
//
// aten::_dirichlet_grad, by name.
#include "backends/cpu/kernels/elementwise/elementwise.h"
#include "backends/cpu/kernels/elementwise/gamma_gradient.h"
#include "ops/boxed.h"
#include "ops/random.h"

#define LOOP(suffix, real)                                                   \
  static void loop_##suffix(const void* context, char* const* data,          \
                            const int64_t* strides, int64_t count) {         \
    (void)context;                                                           \
    for (int64_t i = 0; i < count; ++i) {                                    \
      *(real*)(data[0] + i * strides[0]) = pt2__dirichlet_gradient_##suffix( \
          *(const real*)(data[1] + i * strides[1]),                          \
          *(const real*)(data[2] + i * strides[2]),                          \
          *(const real*)(data[3] + i * strides[3]));                         \
    }                                                                        \
  }
LOOP(f32, float)
LOOP(f64, double)

// (Tensor x, Tensor alpha, Tensor total)
static pt2_status_t gradient(const pt2__boxed_t* boxed,
                             pt2_tensor_t** results) {
  pt2_tensor_t *x, *alpha, *total;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "x", &x));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "alpha", &alpha));
  PT2_TRY(pt2__boxed_tensor(boxed, 2, "total", &total));
  const pt2_tensor_t* const inputs[3] = {x, alpha, total};
  PT2_TRY(pt2__random_result(inputs, 3, "_dirichlet_grad_cpu", &results[0]));
  const pt2__elementwise_kernel_t kernel = {
      .loop = x->dtype == PT2_DTYPE_F64 ? loop_f64 : loop_f32,
      .input_dtype = x->dtype,
      .result_dtype = x->dtype,
      .work = 400};
  pt2__elementwise_run(&kernel, inputs, 3, x->dtype, results[0]);
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(_dirichlet_grad, 1, gradient)
