// SPDX-License-Identifier: Apache-2.0
//
// aten::_standard_gamma_grad, by name.
#include "backends/cpu/kernels/elementwise/elementwise.h"
#include "backends/cpu/kernels/elementwise/gamma_gradient.h"
#include "ops/boxed.h"
#include "ops/random.h"

// Computed in double, whatever the dtype.
static void loop(const void* context, char* const* data, const int64_t* strides,
                 int64_t count) {
  (void)context;
  for (int64_t i = 0; i < count; ++i) {
    *(double*)(data[0] + i * strides[0]) =
        pt2__gamma_gradient(*(const double*)(data[1] + i * strides[1]),
                            *(const double*)(data[2] + i * strides[2]));
  }
}

// (Tensor self, Tensor output)
static pt2_status_t gradient(const pt2__boxed_t* boxed,
                             pt2_tensor_t** results) {
  pt2_tensor_t *self, *output;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "output", &output));
  const pt2_tensor_t* const inputs[2] = {self, output};
  PT2_TRY(
      pt2__random_result(inputs, 2, "_standard_gamma_grad_cpu", &results[0]));
  const pt2__elementwise_kernel_t kernel = {.loop = loop,
                                            .input_dtype = PT2_DTYPE_F64,
                                            .result_dtype = PT2_DTYPE_F64,
                                            .work = 200};
  pt2__elementwise_run(&kernel, inputs, 2, self->dtype, results[0]);
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(_standard_gamma_grad, 1, gradient)
