// SPDX-License-Identifier: Apache-2.0
//
// aten::_linalg_eigvals, by name.
#include "backends/cpu/kernels/linalg/eigen.h"
#include "backends/cpu/kernels/linalg/lapack.h"
#include "ops/boxed.h"

PT2__NEEDS_LAPACK(_linalg_eigvals)

// (Tensor self) -> eigenvalues
static pt2_status_t eigvals(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2_tensor_t* self;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  return pt2__eigen(self, "linalg.eigvals", &results[0], NULL);
}

PT2_BOXED_OP(_linalg_eigvals, 1, eigvals)
