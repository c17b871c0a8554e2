// SPDX-License-Identifier: Apache-2.0
//
// aten::linalg_matrix_exp, by name.
#include <complex.h>
#include <math.h>

#include "backends/cpu/kernels/elementwise/elementwise.h"
#include "backends/cpu/kernels/linalg/matrix_exp.h"
#include "ops/boxed.h"

#define EXP_LOOP(name, type, EXP)                                     \
  static void name(const void* context, char* const* data,            \
                   const int64_t* strides, int64_t count) {           \
    (void)context;                                                    \
    for (int64_t i = 0; i < count; ++i) {                             \
      *(type*)(void*)(data[0] + i * strides[0]) =                     \
          EXP(*(const type*)(const void*)(data[1] + i * strides[1])); \
    }                                                                 \
  }
EXP_LOOP(exp_f32, float, expf)
EXP_LOOP(exp_f64, double, exp)
EXP_LOOP(exp_c64, float complex, cexpf)
EXP_LOOP(exp_c128, double complex, cexp)

// Of matrices of one row.
static pt2_status_t exp_of_each(const pt2_tensor_t* self,
                                pt2_tensor_t** out_result) {
  pt2__elementwise_kernel_t kernel = {
      .input_dtype = pt2__elementwise_compute_dtype(self->dtype), .work = 20};
  kernel.result_dtype = kernel.input_dtype;
  kernel.loop = kernel.input_dtype == PT2_DTYPE_F32         ? exp_f32
                : kernel.input_dtype == PT2_DTYPE_F64       ? exp_f64
                : kernel.input_dtype == PT2_DTYPE_COMPLEX64 ? exp_c64
                                                            : exp_c128;
  return pt2__elementwise_new(&kernel, &self, 1, self->dtype, self->dtype,
                              out_result);
}

static pt2_status_t exp_of_matrices(const pt2_tensor_t* self,
                                    pt2_tensor_t** out_result) {
  PT2_TRY(pt2__linalg_check_dtype(self, "linalg_matrix_exp"));
  pt2_tensor_t *a, *result;
  PT2_TRY(pt2__tensor_contiguous(self, &a));
  pt2_status_t status =
      pt2__tensor_empty(self->dtype, self->rank, self->sizes, NULL, &result);
  if (status == PT2_STATUS_OK) {
    status = pt2__matrix_exp(a, result);
    if (status == PT2_STATUS_OK) {
      *out_result = result;
    } else {
      pt2__tensor_release(result);
    }
  }
  pt2__tensor_release(a);
  return status;
}

static pt2_status_t clone(const pt2_tensor_t* self, pt2_tensor_t** out_result) {
  return pt2__tensor_empty_like(self, self->dtype, out_result);
}

// (Tensor self). Of f16 and bf16 PyTorch's results are wrong for more than one
// row: it takes the polynomials' factors for numbers of the matrix' dtype. Here
// they are refused.
static pt2_status_t matrix_exp(const pt2__boxed_t* boxed,
                               pt2_tensor_t** results) {
  pt2_tensor_t* self;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__linalg_check_square(self, "linalg.matrix_exp", "A"));
  bool low = self->dtype == PT2_DTYPE_F16 || self->dtype == PT2_DTYPE_BF16;
  PT2_OP_CHECK(low ||
                   (pt2__dtype_is_floating(self->dtype) &&
                    pt2_dtype_size_bytes(self->dtype) >= 4) ||
                   self->dtype == PT2_DTYPE_COMPLEX64 ||
                   self->dtype == PT2_DTYPE_COMPLEX128,
               "linalg.matrix_exp: Expected a floating point or complex tensor "
               "as input. Got %s",
               pt2__dtype_torch_name(self->dtype));
  switch (pt2__linalg_rows(self)) {
    case 0:
      return clone(self, &results[0]);
    case 1:
      return exp_of_each(self, &results[0]);
    default:
      return exp_of_matrices(self, &results[0]);
  }
}

PT2_BOXED_OP(linalg_matrix_exp, 1, matrix_exp)
