// SPDX-License-Identifier: Apache-2.0
//
// Copies from, to and on devices: one block where both sides lie alike, on the
// host where it may use the memory, otherwise by way of host memory.
#include <string.h>

#include "tensor/device.h"

static const pt2__place_t host = {NULL, 0};

static bool same_device(const pt2_tensor_t* a, const pt2_tensor_t* b) {
  return a->device_type == b->device_type && a->device_index == b->device_index;
}

// Bytes from the first element to the end of the last; there are elements.
static size_t reach(const pt2_tensor_t* tensor) {
  size_t bytes = 0;
  (void)pt2__sizes_storage_bytes(tensor->rank, tensor->sizes, tensor->strides,
                                 0, pt2_dtype_size_bytes(tensor->dtype),
                                 &bytes);
  return bytes;
}

static bool overlap(const pt2_tensor_t* a, const pt2_tensor_t* b) {
  uintptr_t a_begin = (uintptr_t)a->data;
  uintptr_t b_begin = (uintptr_t)b->data;
  return same_device(a, b) && a_begin < b_begin + reach(b) &&
         b_begin < a_begin + reach(a);
}

// Both are one stretch of memory without gaps, in the same order.
static bool lie_alike(const pt2_tensor_t* a, const pt2_tensor_t* b) {
  if (a->dtype != b->dtype || a->rank != b->rank ||
      !pt2__tensor_is_non_overlapping_and_dense(a) ||
      !pt2__tensor_is_non_overlapping_and_dense(b)) {
    return false;
  }
  for (int32_t d = 0; d < a->rank; ++d) {
    if (a->sizes[d] != b->sizes[d] ||
        (a->sizes[d] > 1 && a->strides[d] != b->strides[d])) {
      return false;
    }
  }
  return true;
}

static bool host_reaches(const pt2_tensor_t* tensor) {
  const pt2_backend_t* backend = pt2__device_find(tensor->device_type);
  return tensor->device_type == PT2_DEVICE_CPU ||
         (backend != NULL && backend->host_visible);
}

// One block by the back end's copy; the two are of one back end or one is the
// host's.
static pt2_status_t copy_block(pt2_tensor_t* target, const pt2_tensor_t* source,
                               size_t bytes) {
  pt2__place_t to = pt2__tensor_place(target);
  pt2__place_t from = pt2__tensor_place(source);
  const pt2_backend_t* backend = to.backend != NULL ? to.backend : from.backend;
  if (backend == NULL) {
    return PT2_FAIL(PT2_STATUS_INCOMPATIBLE,
                    "copy from %s to %s: no back end is registered for it",
                    pt2_device_type_name(source->device_type),
                    pt2_device_type_name(target->device_type));
  }
  int32_t kind = from.backend == NULL ? PT2_COPY_TO_DEVICE
                 : to.backend == NULL ? PT2_COPY_FROM_DEVICE
                                      : PT2_COPY_WITHIN;
  return pt2__device_check(
      backend,
      backend->copy(backend->user, kind, to.index, target->data, from.index,
                    source->data, bytes),
      kind == PT2_COPY_TO_DEVICE     ? "copying to the device"
      : kind == PT2_COPY_FROM_DEVICE ? "copying from the device"
                                     : "copying on the device");
}

// The memory that |tensor| reaches as a host tensor of the same strides;
// |filled|: with its bytes.
static pt2_status_t stage(const pt2_tensor_t* tensor, bool filled,
                          pt2_tensor_t** out_staged) {
  pt2_tensor_t* staged = NULL;
  PT2_TRY(pt2__tensor_empty_at(host, tensor->dtype, tensor->rank, tensor->sizes,
                               tensor->strides, &staged));
  pt2_status_t status = PT2_STATUS_OK;
  if (filled && tensor->device_type == PT2_DEVICE_CPU) {
    memcpy(staged->data, tensor->data, reach(tensor));
  } else if (filled) {
    status = copy_block(staged, tensor, reach(tensor));
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(staged);
    return status;
  }
  *out_staged = staged;
  return PT2_STATUS_OK;
}

// The source's whole stretch comes to the host, the target's too if there are
// gaps to keep, and goes back.
static pt2_status_t copy_staged(pt2_tensor_t* target,
                                const pt2_tensor_t* source) {
  pt2_tensor_t* from = NULL;
  pt2_tensor_t* to = NULL;
  PT2_TRY(stage(source, true, &from));
  pt2_status_t status = PT2_STATUS_OK;
  if (target->device_type == PT2_DEVICE_CPU) {
    status = pt2__tensor_copy_host(target, from);
    pt2__tensor_release(from);
    return status;
  }
  bool gaps = !pt2__tensor_is_non_overlapping_and_dense(target);
  status = stage(target, gaps, &to);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_copy_host(to, from);
  }
  if (status == PT2_STATUS_OK) {
    status = copy_block(target, to, reach(target));
  }
  pt2__tensor_release(from);
  pt2__tensor_release(to);
  return status;
}

pt2_status_t pt2__tensor_copy_devices(pt2_tensor_t* target,
                                      const pt2_tensor_t* source) {
  bool one_backend = target->device_type == source->device_type ||
                     target->device_type == PT2_DEVICE_CPU ||
                     source->device_type == PT2_DEVICE_CPU;
  if (one_backend && lie_alike(target, source)) {
    if (same_device(target, source) && target->data == source->data) {
      return PT2_STATUS_OK;
    }
    if (!overlap(target, source)) {
      return copy_block(target, source, reach(source));
    }
  }
  if (host_reaches(target) && host_reaches(source)) {
    PT2_TRY(pt2__tensor_host_wait(target));
    PT2_TRY(pt2__tensor_host_wait(source));
    return pt2__tensor_copy_host(target, source);
  }
  return copy_staged(target, source);
}

pt2_status_t pt2__device_copy_bytes(pt2_tensor_t* target,
                                    const pt2_tensor_t* source, size_t bytes) {
  if (target->device_type == PT2_DEVICE_CPU &&
      source->device_type == PT2_DEVICE_CPU) {
    memcpy(target->data, source->data, bytes);
    return PT2_STATUS_OK;
  }
  return copy_block(target, source, bytes);
}

pt2_status_t pt2__tensor_to(const pt2_tensor_t* source, pt2__place_t place,
                            pt2_tensor_t** out_tensor) {
  int64_t strides[PT2__MAX_RANK];
  pt2__tensor_dense_strides(source, strides);
  pt2_tensor_t* copy = NULL;
  PT2_TRY(pt2__tensor_empty_at(place, source->dtype, source->rank,
                               source->sizes, strides, &copy));
  pt2_status_t status = pt2__tensor_copy(copy, source);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(copy);
    return status;
  }
  *out_tensor = copy;
  return PT2_STATUS_OK;
}
