// SPDX-License-Identifier: Apache-2.0
//
// aten::_foreach_zero, by name: zeros for each tensor of a list.
#include <string.h>

#include "backends/cpu/kernels/elementwise/foreach.h"

static pt2_status_t zero(const void* context,
                         const pt2_tensor_t* const* tensors,
                         pt2_tensor_t** out_result) {
  (void)context;
  pt2_tensor_t* result;
  PT2_TRY(pt2__tensor_empty_like(tensors[0], tensors[0]->dtype, &result));
  if (result->numel > 0) {
    memset(result->data, 0, result->storage->bytes);
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

// (Tensor[] self) -> Tensor[]
static pt2_status_t foreach_zero(const pt2__boxed_t* boxed,
                                 pt2_tensor_t** results) {
  static const char* const names[] = {"self"};
  return pt2__foreach(boxed, names, 1, zero, NULL, results);
}

PT2_BOXED_OP(_foreach_zero, PT2__BOXED_LIST, foreach_zero)
