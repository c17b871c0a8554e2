// SPDX-License-Identifier: Apache-2.0
//
// Back ends by device type, and memory of theirs.
#include "tensor/device.h"

// PyTorch's device types end at 20 (PrivateUse1).
#define DEVICE_TYPE_COUNT 32

static _Atomic(const pt2_backend_t*) backends[DEVICE_TYPE_COUNT];
atomic_bool pt2__devices_used;
_Thread_local pt2__place_t pt2__place;

bool pt2__device_add(const pt2_backend_t* backend) {
  int32_t type = backend->device_type;
  const pt2_backend_t* none = NULL;
  if (type <= PT2_DEVICE_CPU || type >= DEVICE_TYPE_COUNT ||
      !atomic_compare_exchange_strong(&backends[type], &none, backend)) {
    return false;
  }
  atomic_store(&pt2__devices_used, true);
  return true;
}

const pt2_backend_t* pt2__device_find(int32_t device_type) {
  return device_type > PT2_DEVICE_CPU && device_type < DEVICE_TYPE_COUNT
             ? atomic_load_explicit(&backends[device_type],
                                    memory_order_acquire)
             : NULL;
}

// (pt2/memory.h) Here, because base knows no devices.
void pt2_memory_trim(void) {
  pt2__pool_trim();
  for (int32_t type = 0; type < DEVICE_TYPE_COUNT; ++type) {
    const pt2_backend_t* backend = pt2__device_find(type);
    if (backend != NULL && backend->trim != NULL) {
      backend->trim(backend->user);
    }
  }
}

pt2_status_t pt2__device_check(const pt2_backend_t* backend,
                               pt2_status_t status, const char* what) {
  if (status != PT2_STATUS_OK && !pt2__error_pending()) {
    pt2__fail(status, "%s: %s failed", backend->device, what);
  }
  return status;
}

pt2_status_t pt2__device_place(int32_t device_type, int32_t device_index,
                               pt2__place_t* out_place) {
  if (device_type == PT2_DEVICE_CPU) {
    *out_place = (pt2__place_t){NULL, 0};
    return PT2_STATUS_OK;
  }
  const pt2_backend_t* backend = pt2__device_find(device_type);
  if (backend == NULL) {
    return PT2_FAIL(PT2_STATUS_INCOMPATIBLE,
                    "device %s:%d (type %d) is not available: no back end for "
                    "it is registered",
                    pt2_device_type_name(device_type), device_index,
                    device_type);
  }
  int32_t count = 1;
  int32_t index = device_index;
  if (backend->device_count != NULL) {
    PT2_TRY(pt2__device_check(backend,
                              backend->device_count(backend->user, &count),
                              "counting the devices"));
    if (index == -1) {
      PT2_TRY(pt2__device_check(backend,
                                backend->get_device(backend->user, &index),
                                "asking for the current device"));
    }
  } else if (index == -1) {
    index = 0;
  }
  if (index < 0 || index >= count) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "device %s:%d does not exist: there are %d",
                    backend->device, device_index, count);
  }
  *out_place = (pt2__place_t){backend, index};
  return PT2_STATUS_OK;
}

pt2_status_t pt2__storage_create_at(pt2__place_t place, size_t bytes,
                                    pt2__storage_t** out_storage) {
  const pt2_backend_t* backend = place.backend;
  void* data = NULL;
  if (bytes > 0) {
    pt2_status_t status =
        backend->allocate(backend->user, place.index, bytes, &data);
    if (status == PT2_STATUS_OUT_OF_MEMORY && !pt2__error_pending()) {
      return PT2_FAIL(status, "%s:%d is out of memory: %zu bytes wanted",
                      backend->device, place.index, bytes);
    }
    PT2_TRY(pt2__device_check(backend, status, "allocating memory"));
  }
  pt2_status_t status = pt2__storage_from_blob(
      data, bytes, backend->device_type, place.index, NULL, NULL, out_storage);
  if (status != PT2_STATUS_OK) {
    if (data != NULL) {
      backend->free(backend->user, place.index, data, bytes);
    }
    return status;
  }
  (*out_storage)->of_backend = true;
  return PT2_STATUS_OK;
}

void pt2__storage_free_device(pt2__storage_t* storage) {
  if (storage->data != NULL) {
    const pt2_backend_t* backend = pt2__device_find(storage->device_type);
    backend->free(backend->user, storage->device_index, storage->data,
                  storage->bytes);
  }
}

pt2_status_t pt2__tensor_empty_at(pt2__place_t place, int32_t dtype,
                                  int64_t rank, const int64_t* sizes,
                                  const int64_t* strides,
                                  pt2_tensor_t** out_tensor) {
  pt2__place_t before = pt2__place;
  pt2__place = place;
  pt2_status_t status =
      pt2__tensor_empty(dtype, rank, sizes, strides, out_tensor);
  pt2__place = before;
  return status;
}

pt2_status_t pt2__tensor_host_wait(const pt2_tensor_t* tensor) {
  if (tensor->device_type == PT2_DEVICE_CPU) {
    return PT2_STATUS_OK;
  }
  pt2__place_t place = pt2__tensor_place(tensor);
  if (place.backend == NULL || !place.backend->host_visible) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "the host cannot read memory of device %s",
                    pt2_device_type_name(tensor->device_type));
  }
  return pt2__device_check(
      place.backend,
      place.backend->synchronize(place.backend->user, place.index),
      "waiting for the device");
}
