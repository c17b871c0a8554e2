// SPDX-License-Identifier: Apache-2.0
//
// aten::_weight_int8pack_mm.
#include "ops/weight_only.h"

#include "backends/cpu/kernels/matmul/weight_only.h"

typedef struct {
  pt2_tensor_t* x;       // of float
  pt2_tensor_t* scales;  // of float
  pt2_tensor_t* y;       // of float: |result| itself, or converted to it
} work_t;

static pt2_status_t run(const pt2_tensor_t* self, const pt2_tensor_t* mat2,
                        const pt2_tensor_t* scales, work_t* work,
                        pt2_tensor_t* result) {
  PT2_TRY(pt2__tensor_to_contiguous(self, PT2_DTYPE_F32, &work->x));
  PT2_TRY(pt2__tensor_to_contiguous(scales, PT2_DTYPE_F32, &work->scales));
  if (result->dtype == PT2_DTYPE_F32) {
    PT2_TRY(pt2__tensor_alias(result, &work->y));
  } else {
    PT2_TRY(pt2__tensor_empty(PT2_DTYPE_F32, 2, result->sizes, NULL, &work->y));
  }
  const pt2__weight_only_t call = {.m = self->sizes[0],
                                   .n = mat2->sizes[0],
                                   .k = self->sizes[1],
                                   .x = work->x->data,
                                   .y = work->y->data};
  PT2_TRY(pt2__weight_only_int8(&call, mat2->data, work->scales->data));
  return result->dtype == PT2_DTYPE_F32 ? PT2_STATUS_OK
                                        : pt2__tensor_copy(result, work->y);
}

static pt2_status_t multiply(const pt2_tensor_t* self, const pt2_tensor_t* mat2,
                             const pt2_tensor_t* scales,
                             pt2_tensor_t** out_result) {
  PT2_TRY(pt2__weight_only_check_int8(self, mat2, scales));
  const int64_t sizes[2] = {self->sizes[0], mat2->sizes[0]};
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(self->dtype, 2, sizes, NULL, &result));
  work_t work = {0};
  pt2_status_t status = run(self, mat2, scales, &work, result);
  pt2__tensor_release(work.x);
  pt2__tensor_release(work.scales);
  pt2__tensor_release(work.y);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_cpu__weight_int8pack_mm(AtenTensorHandle self,
                                                  AtenTensorHandle mat2,
                                                  AtenTensorHandle scales,
                                                  AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::_weight_int8pack_mm",
                multiply(self, mat2, scales, ret0));
}
