// SPDX-License-Identifier: Apache-2.0
//
// aten::nanmedian and aten::nanmedian.dim. PyTorch has no C function for the
// latter: models call it by name.
#include "backends/cpu/kernels/reduce/median.h"
#include "ops/boxed.h"

AOTITorchError aoti_torch_cpu_nanmedian(AtenTensorHandle self,
                                        AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::nanmedian", pt2__median(self, true, ret0));
}

static pt2_status_t along(const pt2__boxed_t* arguments,
                          pt2_tensor_t** results) {
  pt2_tensor_t* self;
  int64_t dim;
  bool keep = false;
  PT2_TRY(pt2__boxed_tensor(arguments, 0, "self", &self));
  PT2_TRY(pt2__boxed_int(arguments, 1, "dim", &dim));
  PT2_TRY(pt2__boxed_bool(arguments, 2, "keepdim", &keep));
  return pt2__median_dim(self, dim, keep, true, &results[0], &results[1]);
}

PT2_BOXED_OVERLOAD(nanmedian_dim, "aten::nanmedian.dim", 2, along)
