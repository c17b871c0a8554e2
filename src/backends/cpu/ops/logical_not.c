// SPDX-License-Identifier: Apache-2.0
//
// aten::logical_not of complex tensors. PyTorch compiles it for real ones:
// models call it by name.
#include "backends/cpu/kernels/complex/complex_loops.h"

static pt2_status_t run(const pt2__boxed_t* boxed, pt2_tensor_t** out_result) {
  return pt2__complex_predicate(boxed, pt2__complex_loops(PT2__COMPLEX_NOT),
                                out_result);
}

PT2_BOXED_OP(logical_not, 1, run)
