// SPDX-License-Identifier: Apache-2.0
//
// aten::addcdiv of complex tensors: self + value * tensor1 / tensor2.
// PyTorch compiles it for real ones: models call it by name.
#include "backends/cpu/kernels/complex/complex_loops.h"

static pt2_status_t run(const pt2__boxed_t* boxed, pt2_tensor_t** out_result) {
  return pt2__complex_ternary(boxed, pt2__complex_loops(PT2__COMPLEX_ADDCDIV),
                              out_result);
}

PT2_BOXED_OP(addcdiv, 1, run)
