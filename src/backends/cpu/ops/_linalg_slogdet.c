// SPDX-License-Identifier: Apache-2.0
//
// aten::_linalg_slogdet, by name.
#include "backends/cpu/kernels/linalg/solve.h"
#include "ops/boxed.h"

// (Tensor A) -> (sign, logabsdet, LU, pivots)
static pt2_status_t slogdet(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2_tensor_t* a;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "A", &a));
  return pt2__lu_of_determinant(a, "linalg.slogdet", &results[0], &results[1],
                                &results[2], &results[3]);
}

PT2_BOXED_OP(_linalg_slogdet, 4, slogdet)
