// SPDX-License-Identifier: Apache-2.0
//
// aten::_cdist_forward.
#include <string.h>

#include "backends/cpu/kernels/reduce/distance.h"

static pt2_status_t run(const pt2__cdist_t* cdist, const pt2_tensor_t* x1,
                        const pt2_tensor_t* x2, pt2_tensor_t* out) {
  if (out->numel == 0) {
    return PT2_STATUS_OK;
  }
  if (cdist->width == 0) {
    memset(out->data, 0, (size_t)out->numel * pt2_dtype_size_bytes(out->dtype));
    return PT2_STATUS_OK;
  }
  pt2_tensor_t* expanded1 = NULL;
  pt2_tensor_t* expanded2 = NULL;
  pt2_status_t status = pt2__cdist_expand(cdist, x1, &expanded1);
  if (status == PT2_STATUS_OK) {
    status = pt2__cdist_expand(cdist, x2, &expanded2);
  }
  if (status == PT2_STATUS_OK) {
    status = cdist->by_product
                 ? pt2__distance_product(cdist, expanded1, expanded2, out)
                 : pt2__distance_rows(cdist, expanded1, expanded2, out);
  }
  pt2__tensor_release(expanded2);
  pt2__tensor_release(expanded1);
  return status;
}

static pt2_status_t cdist_forward(const pt2_tensor_t* x1,
                                  const pt2_tensor_t* x2, double p,
                                  const int64_t* compute_mode,
                                  pt2_tensor_t** ret0) {
  pt2__cdist_t cdist;
  PT2_TRY(pt2__cdist_check(x1, x2, p, compute_mode, &cdist));
  int64_t sizes[PT2__MAX_RANK];
  memcpy(sizes, cdist.batch_sizes, sizeof(*sizes) * (size_t)cdist.batch_rank);
  sizes[cdist.batch_rank] = cdist.rows1;
  sizes[cdist.batch_rank + 1] = cdist.rows2;
  pt2_tensor_t* out;
  PT2_TRY(
      pt2__tensor_empty(x1->dtype, cdist.batch_rank + 2, sizes, NULL, &out));
  pt2_status_t status = run(&cdist, x1, x2, out);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(out);
    return status;
  }
  *ret0 = out;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu__cdist_forward(AtenTensorHandle x1,
                                             AtenTensorHandle x2, double p,
                                             int64_t* compute_mode,
                                             AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::_cdist_forward",
                cdist_forward(x1, x2, p, compute_mode, ret0));
}
