// SPDX-License-Identifier: Apache-2.0
//
// aten::addmm, by name: PyTorch's C interface has only its out form, and models
// call this one for complex matrices.
#include "backends/cpu/kernels/matmul/gemm.h"
#include "backends/cpu/kernels/matmul/gemm_matmul.h"
#include "ops/boxed.h"

// (Tensor self, Tensor mat1, Tensor mat2, *, Scalar beta, Scalar alpha)
static pt2_status_t addmm(const pt2__boxed_t* boxed,
                          pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *mat1, *mat2, *result;
  double beta = 1, alpha = 1;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "mat1", &mat1));
  PT2_TRY(pt2__boxed_tensor(boxed, 2, "mat2", &mat2));
  PT2_TRY(pt2__boxed_number(boxed, 3, "beta", &beta, NULL));
  PT2_TRY(pt2__boxed_number(boxed, 4, "alpha", &alpha, NULL));
  PT2_OP_CHECK(mat1->rank == 2 && mat2->rank == 2,
               "mat1 and mat2 must be 2-D, got %d-D and %d-D", mat1->rank,
               mat2->rank);
  const int64_t sizes[2] = {mat1->sizes[0], mat2->sizes[1]};
  PT2_TRY(pt2__tensor_empty(mat1->dtype, 2, sizes, NULL, &result));
  pt2__matmul_t matmul;
  pt2_status_t status = pt2__matmul_addmm(result, self, mat1, mat2, beta, alpha,
                                          pt2__gemm_dtype_supported, &matmul);
  if (status == PT2_STATUS_OK) {
    status = pt2__gemm_matmul(&matmul);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(addmm, 1, addmm)
