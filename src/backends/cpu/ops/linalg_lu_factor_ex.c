// SPDX-License-Identifier: Apache-2.0
//
// aten::linalg_lu_factor_ex, by name.
#include "backends/cpu/kernels/linalg/solve.h"
#include "ops/boxed.h"

// (Tensor A, *, bool pivot, bool check_errors) -> (LU, pivots, info)
static pt2_status_t lu_factor_ex(const pt2__boxed_t* boxed,
                                 pt2_tensor_t** results) {
  static const char name[] = "torch.linalg.lu_factor_ex";
  pt2_tensor_t* a;
  bool pivot = true, check_errors = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "A", &a));
  PT2_TRY(pt2__boxed_bool(boxed, 1, "pivot", &pivot));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "check_errors", &check_errors));
  PT2_TRY(pt2__linalg_check_matrix(a, name, "A"));
  PT2_TRY(pt2__linalg_check_dtype(a, "lu_factor_cpu"));
  PT2_OP_CHECK(pivot, "LU without pivoting is not implemented on the CPU");
  pt2__lu_t lu;
  PT2_TRY(pt2__lu_make(a, false, &lu));
  pt2_status_t status =
      check_errors ? pt2__linalg_check_info(lu.info, name, a->rank == 2)
                   : PT2_STATUS_OK;
  if (status != PT2_STATUS_OK) {
    pt2__lu_release(&lu);
    return status;
  }
  results[0] = lu.lu;
  results[1] = lu.pivots;
  results[2] = lu.info;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(linalg_lu_factor_ex, 3, lu_factor_ex)
