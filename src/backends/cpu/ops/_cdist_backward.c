// SPDX-License-Identifier: Apache-2.0
//
// aten::_cdist_backward: the gradient for x1.
#include <string.h>

#include "backends/cpu/kernels/reduce/distance.h"

// Row-major forms of all four.
typedef struct {
  pt2_tensor_t *x1, *x2, *grad, *dist;
} operands_t;

static pt2_status_t prepare(const pt2__cdist_t* cdist, const pt2_tensor_t* grad,
                            const pt2_tensor_t* x1, const pt2_tensor_t* x2,
                            const pt2_tensor_t* dist, operands_t* operands) {
  PT2_TRY(pt2__cdist_expand(cdist, x1, &operands->x1));
  PT2_TRY(pt2__cdist_expand(cdist, x2, &operands->x2));
  PT2_TRY(pt2__tensor_contiguous(grad, &operands->grad));
  return pt2__tensor_contiguous(dist, &operands->dist);
}

static pt2_status_t run(const pt2__cdist_t* cdist, const pt2_tensor_t* grad,
                        const pt2_tensor_t* x1, const pt2_tensor_t* x2,
                        const pt2_tensor_t* dist, pt2_tensor_t** ret0) {
  operands_t operands = {NULL, NULL, NULL, NULL};
  pt2_tensor_t* out = NULL;
  pt2_status_t status = prepare(cdist, grad, x1, x2, dist, &operands);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_empty(x1->dtype, operands.x1->rank, operands.x1->sizes,
                               NULL, &out);
  }
  if (status == PT2_STATUS_OK) {
    status = pt2__distance_rows_backward(cdist, operands.grad, operands.x1,
                                         operands.x2, operands.dist, out);
  }
  if (status == PT2_STATUS_OK) {
    *ret0 = out;
  } else {
    pt2__tensor_release(out);
  }
  pt2__tensor_release(operands.dist);
  pt2__tensor_release(operands.grad);
  pt2__tensor_release(operands.x2);
  pt2__tensor_release(operands.x1);
  return status;
}

static pt2_status_t cdist_backward(const pt2_tensor_t* grad,
                                   const pt2_tensor_t* x1,
                                   const pt2_tensor_t* x2, double p,
                                   const pt2_tensor_t* dist,
                                   pt2_tensor_t** ret0) {
  pt2__cdist_t cdist;
  PT2_TRY(pt2__cdist_backward_check(grad, x1, x2, p, dist, &cdist));
  if (cdist.rows1 > 0 && cdist.rows2 > 0 && cdist.width > 0 &&
      cdist.batch > 0) {
    return run(&cdist, grad, x1, x2, dist, ret0);
  }
  // Zeros like x1 as it is, not expanded.
  pt2_tensor_t* zeros;
  PT2_TRY(pt2__tensor_empty_like(x1, x1->dtype, &zeros));
  if (zeros->numel > 0) {
    memset(zeros->data, 0, zeros->storage->bytes);
  }
  *ret0 = zeros;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu__cdist_backward(AtenTensorHandle grad,
                                              AtenTensorHandle x1,
                                              AtenTensorHandle x2, double p,
                                              AtenTensorHandle cdist,
                                              AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::_cdist_backward",
                cdist_backward(grad, x1, x2, p, cdist, ret0));
}
