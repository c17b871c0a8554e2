// SPDX-License-Identifier: Apache-2.0
//
// aten::_linalg_check_errors, by name: what follows linalg_inv_ex and others.
#include "ops/boxed.h"
#include "ops/linalg.h"

// (Tensor info, str api_name, *, bool is_matrix)
static pt2_status_t check_errors(const pt2__boxed_t* boxed,
                                 pt2_tensor_t** results) {
  (void)results;
  pt2_tensor_t *info, *codes;
  const char* api = "linalg";
  bool is_matrix = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "info", &info));
  PT2_TRY(pt2__boxed_string(boxed, 1, "api_name", &api));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "is_matrix", &is_matrix));
  PT2_OP_CHECK(info->dtype == PT2_DTYPE_I32,
               "expected info to be of dtype Int, got %s",
               pt2__dtype_torch_name(info->dtype));
  PT2_TRY(pt2__tensor_contiguous(info, &codes));
  pt2_status_t status = pt2__linalg_check_info(codes, api, is_matrix);
  pt2__tensor_release(codes);
  return status;
}

PT2_BOXED_OP(_linalg_check_errors, 0, check_errors)
