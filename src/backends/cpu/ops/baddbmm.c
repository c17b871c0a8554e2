// SPDX-License-Identifier: Apache-2.0
//
// aten::baddbmm, by name: PyTorch's C interface has only its out form, and
// models call this one for complex matrices.
#include "backends/cpu/kernels/matmul/gemm.h"
#include "backends/cpu/kernels/matmul/gemm_matmul.h"
#include "ops/boxed.h"

// (Tensor self, Tensor batch1, Tensor batch2, *, Scalar beta, Scalar alpha)
static pt2_status_t baddbmm(const pt2__boxed_t* boxed,
                            pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *batch1, *batch2, *result;
  double beta = 1, alpha = 1;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "batch1", &batch1));
  PT2_TRY(pt2__boxed_tensor(boxed, 2, "batch2", &batch2));
  PT2_TRY(pt2__boxed_number(boxed, 3, "beta", &beta, NULL));
  PT2_TRY(pt2__boxed_number(boxed, 4, "alpha", &alpha, NULL));
  PT2_OP_CHECK(batch1->rank == 3 && batch2->rank == 3,
               "batch1 and batch2 must be 3-D, got %d-D and %d-D", batch1->rank,
               batch2->rank);
  const int64_t sizes[3] = {batch1->sizes[0], batch1->sizes[1],
                            batch2->sizes[2]};
  PT2_TRY(pt2__tensor_empty(batch1->dtype, 3, sizes, NULL, &result));
  pt2__matmul_t matmul;
  pt2_status_t status =
      pt2__matmul_baddbmm(result, self, batch1, batch2, beta, alpha,
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

PT2_BOXED_OP(baddbmm, 1, baddbmm)
