// SPDX-License-Identifier: Apache-2.0
//
// aten::linalg_eig, by name.
#include "backends/cpu/kernels/linalg/eigen.h"
#include "backends/cpu/kernels/linalg/lapack.h"
#include "ops/boxed.h"

PT2__NEEDS_LAPACK(linalg_eig)

// (Tensor self) -> (eigenvalues, eigenvectors)
static pt2_status_t eig(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2_tensor_t* self;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  return pt2__eigen(self, "linalg.eig", &results[0], &results[1]);
}

PT2_BOXED_OP(linalg_eig, 2, eig)
