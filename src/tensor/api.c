// SPDX-License-Identifier: Apache-2.0
//
// The public functions of pt2/tensor.h.
#include <string.h>

#include "tensor/device.h"
#include "tensor/tensor.h"

static pt2_status_t check_create(size_t rank, const int64_t* sizes,
                                 pt2_tensor_t** out_tensor) {
  if (out_tensor == NULL || (rank > 0 && sizes == NULL)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "sizes and out_tensor may not be NULL");
  }
  if (rank > PT2__MAX_RANK) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "a tensor has 0 to %d dimensions, not %zu", PT2__MAX_RANK,
                    rank);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2_tensor_create(pt2_dtype_t dtype, size_t rank,
                               const int64_t* sizes, const int64_t* strides,
                               pt2_tensor_t** out_tensor) {
  pt2__error_begin();
  PT2_TRY(check_create(rank, sizes, out_tensor));
  return pt2__tensor_empty(dtype, (int64_t)rank, sizes, strides, out_tensor);
}

pt2_status_t pt2_tensor_from_blob(void* data, pt2_dtype_t dtype, size_t rank,
                                  const int64_t* sizes, const int64_t* strides,
                                  pt2_tensor_deleter_fn deleter, void* user,
                                  pt2_tensor_t** out_tensor) {
  pt2__error_begin();
  PT2_TRY(check_create(rank, sizes, out_tensor));
  int64_t contiguous[PT2__MAX_RANK];
  if (strides == NULL) {
    pt2__sizes_contiguous_strides((int64_t)rank, sizes, contiguous);
    strides = contiguous;
  }
  size_t element_bytes = pt2_dtype_size_bytes(dtype);
  int64_t numel;
  size_t bytes = 0;
  if (element_bytes == 0 || !pt2__sizes_numel((int64_t)rank, sizes, &numel) ||
      !pt2__sizes_storage_bytes((int64_t)rank, sizes, strides, 0, element_bytes,
                                &bytes)) {
    char text[256];
    return PT2_FAIL(
        PT2_STATUS_INVALID_ARGUMENT,
        "dtype %d, sizes %s: no such dtype, or negative or too large", dtype,
        pt2__sizes_format((int64_t)rank, sizes, text, sizeof(text)));
  }
  if (numel > 0 && data == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "data is NULL for a tensor of %lld elements",
                    (long long)numel);
  }
  // The deleter is set last: it is not for failures.
  pt2__storage_t* storage = NULL;
  PT2_TRY(pt2__storage_from_blob(data, bytes, PT2_DEVICE_CPU, 0, NULL, NULL,
                                 &storage));
  pt2_status_t status = pt2__tensor_over(storage, dtype, (int64_t)rank, sizes,
                                         strides, 0, out_tensor);
  if (status == PT2_STATUS_OK) {
    storage->deleter = deleter;
    storage->user = user;
  }
  pt2__storage_release(storage);
  return status;
}

pt2_status_t pt2_tensor_clone(const pt2_tensor_t* source,
                              pt2_tensor_t** out_tensor) {
  pt2__error_begin();
  if (!pt2__tensor_is_defined(source) || out_tensor == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "source and out_tensor may not be NULL");
  }
  pt2_tensor_t* copy = NULL;
  PT2_TRY(pt2__tensor_empty_at(pt2__tensor_place(source), source->dtype,
                               source->rank, source->sizes, NULL, &copy));
  pt2_status_t status = pt2__tensor_copy(copy, source);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(copy);
    return status;
  }
  *out_tensor = copy;
  return PT2_STATUS_OK;
}

pt2_status_t pt2_tensor_copy(pt2_tensor_t* target, const pt2_tensor_t* source) {
  pt2__error_begin();
  if (!pt2__tensor_is_defined(source) || !pt2__tensor_is_defined(target)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "source and target may not be NULL");
  }
  if (pt2_tensor_is_read_only(target)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "target may only be read (a constant, or read-only memory "
                    "of DLPack's)");
  }
  return pt2__tensor_copy(target, source);
}

void pt2_tensor_retain(pt2_tensor_t* tensor) {
  if (tensor != NULL) {
    atomic_fetch_add_explicit(&tensor->references, 1, memory_order_relaxed);
  }
}

void pt2_tensor_release(pt2_tensor_t* tensor) { pt2__tensor_release(tensor); }

pt2_dtype_t pt2_tensor_dtype(const pt2_tensor_t* tensor) {
  return tensor->dtype;
}

pt2_device_type_t pt2_tensor_device_type(const pt2_tensor_t* tensor) {
  return tensor->device_type;
}

int32_t pt2_tensor_device_index(const pt2_tensor_t* tensor) {
  return tensor->device_index;
}

size_t pt2_tensor_rank(const pt2_tensor_t* tensor) {
  return (size_t)tensor->rank;
}

const int64_t* pt2_tensor_peek_sizes(const pt2_tensor_t* tensor) {
  return tensor->sizes;
}

const int64_t* pt2_tensor_peek_strides(const pt2_tensor_t* tensor) {
  return tensor->strides;
}

int64_t pt2_tensor_numel(const pt2_tensor_t* tensor) { return tensor->numel; }

bool pt2_tensor_is_contiguous(const pt2_tensor_t* tensor) {
  return pt2__tensor_is_contiguous(tensor);
}

bool pt2_tensor_is_read_only(const pt2_tensor_t* tensor) {
  const pt2__storage_t* storage = tensor->storage;
  return storage != NULL && (storage->read_only || storage->immutable);
}

void* pt2_tensor_peek_data(const pt2_tensor_t* tensor) {
  if (tensor->device_type != PT2_DEVICE_CPU) {
    pt2__error_begin();
    if (pt2__tensor_host_wait(tensor) != PT2_STATUS_OK) {
      return NULL;
    }
  }
  return tensor->data;
}

static pt2_status_t create_on(pt2_device_type_t device_type,
                              int32_t device_index, pt2_dtype_t dtype,
                              size_t rank, const int64_t* sizes,
                              const int64_t* strides,
                              pt2_tensor_t** out_tensor) {
  PT2_TRY(check_create(rank, sizes, out_tensor));
  pt2__place_t place;
  PT2_TRY(pt2__device_place(device_type, device_index, &place));
  return pt2__tensor_empty_at(place, dtype, (int64_t)rank, sizes, strides,
                              out_tensor);
}

pt2_status_t pt2_tensor_create_on(pt2_device_type_t device_type,
                                  int32_t device_index, pt2_dtype_t dtype,
                                  size_t rank, const int64_t* sizes,
                                  const int64_t* strides,
                                  pt2_tensor_t** out_tensor) {
  pt2__error_begin();
  return create_on(device_type, device_index, dtype, rank, sizes, strides,
                   out_tensor);
}

pt2_status_t pt2_tensor_to(const pt2_tensor_t* source,
                           pt2_device_type_t device_type, int32_t device_index,
                           pt2_tensor_t** out_tensor) {
  pt2__error_begin();
  if (!pt2__tensor_is_defined(source) || out_tensor == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "source and out_tensor may not be NULL");
  }
  pt2__place_t place;
  PT2_TRY(pt2__device_place(device_type, device_index, &place));
  return pt2__tensor_to(source, place, out_tensor);
}
