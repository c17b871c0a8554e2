// SPDX-License-Identifier: Apache-2.0
//
// aten::_linalg_det, by name.
#include "backends/cpu/kernels/linalg/solve.h"
#include "ops/boxed.h"

// (Tensor A) -> (result, LU, pivots)
static pt2_status_t det(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2_tensor_t* a;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "A", &a));
  return pt2__lu_of_determinant(a, "linalg.det", &results[0], NULL, &results[1],
                                &results[2]);
}

PT2_BOXED_OP(_linalg_det, 3, det)
