// SPDX-License-Identifier: Apache-2.0
//
// aten::_foreach_mm, by name: the products of matrices of two lists.
#include "backends/cpu/kernels/elementwise/foreach.h"
#include "backends/cpu/kernels/matmul/gemm.h"
#include "backends/cpu/kernels/matmul/gemm_matmul.h"

static pt2_status_t mm(const void* context, const pt2_tensor_t* const* tensors,
                       pt2_tensor_t** out_result) {
  (void)context;
  const pt2_tensor_t *self = tensors[0], *mat2 = tensors[1];
  pt2_tensor_t* result;
  PT2_OP_CHECK(self->rank == 2 && mat2->rank == 2,
               "self and mat2 must be 2-D, got %d-D and %d-D", self->rank,
               mat2->rank);
  const int64_t sizes[2] = {self->sizes[0], mat2->sizes[1]};
  PT2_TRY(pt2__tensor_empty(self->dtype, 2, sizes, NULL, &result));
  pt2__matmul_t matmul;
  pt2_status_t status =
      pt2__matmul_mm(result, self, mat2, pt2__gemm_dtype_supported, &matmul);
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

// (Tensor[] self, Tensor[] mat2) -> Tensor[]
static pt2_status_t foreach_mm(const pt2__boxed_t* boxed,
                               pt2_tensor_t** results) {
  static const char* const names[] = {"self", "mat2"};
  return pt2__foreach(boxed, names, 2, mm, NULL, results);
}

PT2_BOXED_OP(_foreach_mm, PT2__BOXED_LIST, foreach_mm)
