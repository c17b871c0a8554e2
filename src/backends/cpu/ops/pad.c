// SPDX-License-Identifier: Apache-2.0
//
// aten::pad. Older compilers called it by the name without a device.
#include "backends/cpu/kernels/index/pad.h"
#include "backends/cpu/kernels/elementwise/fill_number.h"
#include "ops/boxed.h"
#include "ops/op.h"

// A copy of what negative pads leave, laid out as torch's clone does.
static pt2_status_t trim(const pt2__pad_t* pad, const pt2_tensor_t* self,
                         pt2_tensor_t** out_result) {
  int64_t offset = self->storage_offset;
  for (int d = 0; d < pad->rank; ++d) {
    offset -= pad->before[d] * self->strides[d];
  }
  pt2_tensor_t* part = NULL;
  pt2_tensor_t* result = NULL;
  // Nothing is left: no element of the view lies anywhere.
  bool empty = false;
  for (int d = 0; d < pad->rank; ++d) {
    empty = empty || pad->out_sizes[d] == 0;
  }
  PT2_TRY(pt2__tensor_view(self, pad->rank, pad->out_sizes, self->strides,
                           empty ? self->storage_offset : offset, &part));
  pt2_status_t status = pt2__tensor_empty_like(part, part->dtype, &result);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(result, part);
  }
  pt2__tensor_release(part);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

static pt2_status_t run(const pt2__pad_t* pad, const pt2_tensor_t* self,
                        pt2_tensor_t** out_result) {
  if (pad->trims) {
    return trim(pad, self, out_result);
  }
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(self->dtype, pad->rank, pad->out_sizes,
                            pad->out_strides, &result));
  pt2_status_t status = pt2__pad_run(pad, self, result);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

static pt2_status_t pad(const pt2_tensor_t* self, pt2__int_list_t list,
                        const char* mode, const double* value,
                        pt2_tensor_t** out_result) {
  pt2__pad_t pad;
  PT2_TRY(pt2__pad_resolve(self, list, mode, value, &pad));
  return run(&pad, self, out_result);
}

AOTITorchError aoti_torch_cpu_pad(AtenTensorHandle self, const int64_t* padding,
                                  int64_t padding_count, const char* mode,
                                  double* value, AtenTensorHandle* ret0) {
  const pt2__int_list_t list = {padding, padding_count};
  PT2_OP_RETURN("aten::pad", pad(self, list, mode, value, ret0));
}

AOTITorchError aoti_torch_aten_pad(AtenTensorHandle self,
                                   const int64_t* padding,
                                   int64_t padding_count, const char* mode,
                                   double* value, AtenTensorHandle* ret0) {
  const pt2__int_list_t list = {padding, padding_count};
  PT2_OP_RETURN("aten::pad", pad(self, list, mode, value, ret0));
}

// ---- By name, which models do for complex tensors --------------------------

// (Tensor self, SymInt[] pad, Scalar value)
static pt2_status_t constant_pad(const pt2__boxed_t* boxed,
                                 pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  pt2__int_list_t list;
  pt2__pad_t pad;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_ints(boxed, 1, "pad", &list.values, &list.count));
  if (pt2__boxed_kind(boxed, 2, "value") == PT2_VALUE_NONE) {
    PT2_TRY(pt2__pad_resolve(self, list, "constant", NULL, &pad));
    return run(&pad, self, out_result);
  }
  PT2_TRY(pt2__pad_resolve_constant(self, list, &pad));
  if (!pad.trims) {
    PT2_TRY(pt2__boxed_element(boxed, 2, "value", self->dtype, pad.value));
  }
  return run(&pad, self, out_result);
}

PT2_BOXED_OP(constant_pad_nd, 1, constant_pad)
