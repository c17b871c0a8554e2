// SPDX-License-Identifier: Apache-2.0
//
// aten::linalg_lu, by name.
#include "backends/cpu/kernels/linalg/solve.h"
#include "ops/boxed.h"

// (Tensor A, *, bool pivot) -> (P, L, U)
static pt2_status_t lu_of(const pt2__boxed_t* boxed, pt2_tensor_t** results) {
  pt2_tensor_t* a;
  bool pivot = true;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "A", &a));
  PT2_TRY(pt2__boxed_bool(boxed, 1, "pivot", &pivot));
  PT2_TRY(pt2__linalg_check_matrix(a, "linalg.lu", "A"));
  PT2_TRY(pt2__linalg_check_dtype(a, "lu_cpu"));
  PT2_OP_CHECK(pivot, "LU without pivoting is not implemented on the CPU");
  pt2__lu_t lu;
  PT2_TRY(pt2__lu_make(a, false, &lu));
  pt2_status_t status = pt2__lu_unpack(lu.lu, lu.pivots, true, true, results);
  pt2__lu_release(&lu);
  return status;
}

PT2_BOXED_OP(linalg_lu, 3, lu_of)
