// SPDX-License-Identifier: Apache-2.0
//
// aten::bmm, by name: PyTorch's C interface has only its out form, and models
// call this one for complex matrices.
#include "backends/cpu/kernels/matmul/gemm.h"
#include "backends/cpu/kernels/matmul/gemm_matmul.h"
#include "ops/boxed.h"

// (Tensor self, Tensor mat2)
static pt2_status_t product(const pt2__boxed_t* boxed,
                            pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *mat2, *result;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "mat2", &mat2));
  PT2_OP_CHECK(self->rank == 3 && mat2->rank == 3,
               "self and mat2 must be 3-D, got %d-D and %d-D", self->rank,
               mat2->rank);
  const int64_t sizes[3] = {self->sizes[0], self->sizes[1], mat2->sizes[2]};
  PT2_TRY(pt2__tensor_empty(self->dtype, 3, sizes, NULL, &result));
  pt2__matmul_t matmul;
  pt2_status_t status =
      pt2__matmul_bmm(result, self, mat2, pt2__gemm_dtype_supported, &matmul);
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

PT2_BOXED_OP(bmm, 1, product)
