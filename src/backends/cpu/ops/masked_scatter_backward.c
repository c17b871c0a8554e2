// SPDX-License-Identifier: Apache-2.0
//
// aten::masked_scatter_backward: what masked_select gives, with zeros behind,
// in the sizes that are asked for.
#include "backends/cpu/kernels/elementwise/mask.h"

static pt2_status_t backward(const pt2_tensor_t* grad, const pt2_tensor_t* mask,
                             const int64_t* sizes, int64_t rank,
                             AtenTensorHandle* ret0) {
  PT2_OP_CHECK(rank >= 0 && rank <= PT2__MAX_RANK, "sizes has %lld dimensions",
               (long long)rank);
  char text[128];
  int64_t numel, chosen;
  PT2_OP_CHECK(pt2__sizes_numel(rank, sizes, &numel), "invalid shape %s",
               pt2__sizes_format(rank, sizes, text, sizeof(text)));
  pt2_tensor_t* flat;
  PT2_TRY(pt2__mask_select("masked_scatter_backward", grad, mask, numel,
                           &chosen, &flat));
  pt2_status_t status;
  if (flat->numel != numel) {
    status = PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                      "shape '%s' is invalid for input of size %lld",
                      pt2__sizes_format(rank, sizes, text, sizeof(text)),
                      (long long)chosen);
  } else {
    int64_t strides[PT2__MAX_RANK];
    pt2__sizes_contiguous_strides(rank, sizes, strides);
    status = pt2__tensor_view(flat, rank, sizes, strides, 0, ret0);
  }
  pt2__tensor_release(flat);
  return status;
}

AOTITorchError aoti_torch_cpu_masked_scatter_backward(
    AtenTensorHandle grad_output, AtenTensorHandle mask, const int64_t* sizes,
    int64_t sizes_len, AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::masked_scatter_backward",
                backward(grad_output, mask, sizes, sizes_len, ret0));
}
