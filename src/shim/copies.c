// SPDX-License-Identifier: Apache-2.0
//
// Shims that move elements: copy_, clone, zero_.
#include <string.h>

#include "shim/shim.h"
#include "tensor/device.h"

static pt2_status_t copy(AtenTensorHandle target, AtenTensorHandle source) {
  PT2_TRY(pt2__shim_check_tensor(target, "self"));
  PT2_TRY(pt2__shim_check_tensor(source, "src"));
  return pt2__tensor_copy(target, source);
}

AOTITorchError aoti_torch_copy_(AtenTensorHandle self, AtenTensorHandle src,
                                int32_t non_blocking) {
  (void)non_blocking;  // a wait that need not be is not an error
  PT2_SHIM_RETURN(copy(self, src));
}

// Source first: torch's own order here.
AOTITorchError aoti_torch_tensor_copy_(AtenTensorHandle src,
                                       AtenTensorHandle dst) {
  PT2_SHIM_RETURN(copy(dst, src));
}

// Copies |source| into |fresh|, which is released if that fails.
static pt2_status_t fill_copy(pt2_tensor_t* fresh, const pt2_tensor_t* source,
                              AtenTensorHandle* out) {
  pt2_status_t status = pt2__tensor_copy(fresh, source);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(fresh);
    return status;
  }
  *out = fresh;
  return PT2_STATUS_OK;
}

static pt2_status_t clone(AtenTensorHandle self, AtenTensorHandle* out) {
  PT2_TRY(pt2__shim_check_tensor(self, "self"));
  PT2_TRY(pt2__shim_check_out(out));
  if (self->device_type != PT2_DEVICE_CPU) {
    return pt2__tensor_to(self, pt2__tensor_place(self), out);
  }
  pt2_tensor_t* fresh = NULL;
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &fresh));
  return fill_copy(fresh, self, out);
}

AOTITorchError aoti_torch_clone(AtenTensorHandle self, AtenTensorHandle* ret) {
  PT2_SHIM_RETURN(clone(self, ret));
}

// The strides stay whatever they are: the whole stretch of memory that they
// reach is copied, gaps and shared elements included.
static pt2_status_t clone_preserve_strides(AtenTensorHandle self,
                                           AtenTensorHandle* out) {
  PT2_TRY(pt2__shim_check_tensor(self, "self"));
  PT2_TRY(pt2__shim_check_out(out));
  pt2_tensor_t* fresh = NULL;
  PT2_TRY(pt2__tensor_empty_at(pt2__tensor_place(self), self->dtype, self->rank,
                               self->sizes, self->strides, &fresh));
  if (self->numel > 0) {
    pt2_status_t status =
        pt2__device_copy_bytes(fresh, self, fresh->storage->bytes);
    if (status != PT2_STATUS_OK) {
      pt2__tensor_release(fresh);
      return status;
    }
  }
  *out = fresh;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_clone_preserve_strides(AtenTensorHandle self,
                                                 AtenTensorHandle* ret) {
  PT2_SHIM_RETURN(clone_preserve_strides(self, ret));
}

// A view of each of |self|'s elements in memory: repeated ones once.
static pt2_status_t drop_repeats(const pt2_tensor_t* self,
                                 pt2_tensor_t** out_view) {
  int64_t sizes[PT2__MAX_RANK];
  for (int i = 0; i < self->rank; ++i) {
    sizes[i] = self->strides[i] == 0 ? 1 : self->sizes[i];
  }
  return pt2__tensor_view(self, self->rank, sizes, self->strides,
                          self->storage_offset, out_view);
}

// A 0-d tensor of |dtype| over zeros.
static pt2_status_t zero_element(int32_t dtype, pt2_tensor_t** out_element) {
  static char zeros[16];
  pt2__storage_t* storage = NULL;
  PT2_TRY(pt2__storage_from_blob(zeros, sizeof(zeros), PT2_DEVICE_CPU, 0, NULL,
                                 NULL, &storage));
  pt2_status_t status =
      pt2__tensor_over(storage, dtype, 0, NULL, NULL, 0, out_element);
  pt2__storage_release(storage);
  return status;
}

static pt2_status_t fill_zero(pt2_tensor_t* self, size_t bytes) {
  if (self->device_type == PT2_DEVICE_CPU) {
    memset(self->data, 0, bytes);
    return PT2_STATUS_OK;
  }
  pt2__place_t place;
  PT2_TRY(pt2__device_place(self->device_type, self->device_index, &place));
  return pt2__device_check(place.backend,
                           place.backend->fill(place.backend->user, place.index,
                                               self->data, 0, bytes),
                           "filling memory");
}

// Every dtype's zero is zero bytes; for e8m0, which has none, torch writes
// these too.
static pt2_status_t zero(AtenTensorHandle self) {
  PT2_TRY(pt2__shim_check_tensor(self, "self"));
  if (self->numel == 0) {
    return PT2_STATUS_OK;
  }
  if (pt2__tensor_is_non_overlapping_and_dense(self)) {
    return fill_zero(self,
                     (size_t)self->numel * pt2_dtype_size_bytes(self->dtype));
  }
  pt2_tensor_t* view = NULL;
  PT2_TRY(drop_repeats(self, &view));
  pt2_tensor_t* element = NULL;
  pt2_status_t status = zero_element(self->dtype, &element);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy(view, element);
  }
  pt2__tensor_release(element);
  pt2__tensor_release(view);
  return status;
}

AOTITorchError aoti_torch_zero_(AtenTensorHandle tensor) {
  PT2_SHIM_RETURN(zero(tensor));
}
