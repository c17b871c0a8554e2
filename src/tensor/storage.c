// SPDX-License-Identifier: Apache-2.0
//
// Storages and the packed forms that kernels hang onto them.
#include <string.h>

#include "tensor/device.h"
#include "tensor/tensor.h"

static void set_up(pt2__storage_t* storage, void* data, size_t bytes,
                   int32_t device_type, int32_t device_index) {
  atomic_init(&storage->references, 1);
  storage->device_type = device_type;
  storage->device_index = device_index;
  storage->immutable = false;
  storage->pooled = false;
  storage->inside = false;
  storage->of_backend = false;
  storage->read_only = false;
  storage->data = data;
  storage->bytes = bytes;
  storage->deleter = NULL;
  storage->user = NULL;
  atomic_init(&storage->packed, NULL);
}

pt2_status_t pt2__storage_from_blob(void* data, size_t bytes,
                                    int32_t device_type, int32_t device_index,
                                    void (*deleter)(void* user, void* data),
                                    void* user, pt2__storage_t** out_storage) {
  // From the pool, since a model makes storages at each run.
  pt2__storage_t* storage = pt2__pool_alloc(sizeof(*storage));
  if (storage == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*storage));
  }
  set_up(storage, data, bytes, device_type, device_index);
  storage->deleter = deleter;
  storage->user = user;
  *out_storage = storage;
  return PT2_STATUS_OK;
}

// Apart, so that a process without another device does not look at a
// thread-local variable.
static __attribute__((noinline)) bool on_device(void) {
  return pt2__place.backend != NULL;
}

bool pt2__storage_goes_to_device(void) {
  return atomic_load_explicit(&pt2__devices_used, memory_order_relaxed) &&
         on_device();
}

pt2_status_t pt2__storage_create(size_t bytes, pt2__storage_t** out_storage) {
  if (pt2__storage_goes_to_device()) {
    return pt2__storage_create_at(pt2__place, bytes, out_storage);
  }
  void* data = NULL;
  if (bytes > 0) {
    data = pt2__pool_alloc(bytes);
    if (data == NULL) {
      return PT2_OUT_OF_MEMORY(bytes);
    }
  }
  pt2_status_t status = pt2__storage_from_blob(data, bytes, PT2_DEVICE_CPU, 0,
                                               NULL, NULL, out_storage);
  if (status != PT2_STATUS_OK) {
    pt2__pool_free(data, bytes);
    return status;
  }
  (*out_storage)->pooled = true;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__storage_create_inside(size_t bytes,
                                        pt2__tensor_with_storage_t* block) {
  void* data = NULL;
  if (bytes > 0) {
    data = pt2__pool_alloc(bytes);
    if (data == NULL) {
      return PT2_OUT_OF_MEMORY(bytes);
    }
  }
  set_up(&block->storage, data, bytes, PT2_DEVICE_CPU, 0);
  block->storage.pooled = true;
  block->storage.inside = true;
  return PT2_STATUS_OK;
}

void pt2__storage_retain(pt2__storage_t* storage) {
  atomic_fetch_add_explicit(&storage->references, 1, memory_order_relaxed);
}

// Frees the memory and what hangs onto it.
static void drop_data(pt2__storage_t* storage) {
  pt2__packed_t* packed =
      atomic_load_explicit(&storage->packed, memory_order_relaxed);
  while (packed != NULL) {
    pt2__packed_t* next = packed->next;
    packed->destroy(packed);
    packed = next;
  }
  if (storage->pooled) {
    pt2__pool_free(storage->data, storage->bytes);
  } else if (storage->deleter != NULL) {
    storage->deleter(storage->user, storage->data);
  } else if (storage->of_backend) {
    pt2__storage_free_device(storage);
  }
}

static void destroy(pt2__storage_t* storage) {
  drop_data(storage);
  if (storage->inside) {
    char* block =
        (char*)storage - offsetof(pt2__tensor_with_storage_t, storage);
    pt2__pool_free(block, sizeof(pt2__tensor_with_storage_t));
  } else {
    pt2__pool_free(storage, sizeof(*storage));
  }
}

void pt2__storage_drop_unshared(pt2__storage_t* storage) {
  if (atomic_load_explicit(&storage->references, memory_order_acquire) == 1) {
    drop_data(storage);
    storage->data = NULL;
    storage->bytes = 0;
    storage->deleter = NULL;
    atomic_store(&storage->packed, NULL);
  }
}

void pt2__storage_release(pt2__storage_t* storage) {
  if (storage != NULL && atomic_fetch_sub_explicit(&storage->references, 1,
                                                   memory_order_acq_rel) == 1) {
    destroy(storage);
  }
}

// ---- Packed forms ----------------------------------------------------------

bool pt2__packed_allowed(const pt2_tensor_t* tensor) {
  return pt2__tensor_is_defined(tensor) && tensor->storage->immutable &&
         tensor->rank <= 4;
}

size_t pt2__packed_bytes(const pt2__storage_t* storage) {
  size_t bytes = 0;
  for (const pt2__packed_t* packed =
           atomic_load_explicit(&storage->packed, memory_order_acquire);
       packed != NULL; packed = packed->next) {
    bytes += packed->bytes;
  }
  return bytes;
}

static bool matches(const pt2__packed_t* packed, const pt2_tensor_t* tensor,
                    const void* kind, const int64_t* extra) {
  size_t bytes = (size_t)tensor->rank * sizeof(int64_t);
  return packed->kind == kind && packed->dtype == tensor->dtype &&
         packed->rank == tensor->rank &&
         packed->storage_offset == tensor->storage_offset &&
         memcmp(packed->sizes, tensor->sizes, bytes) == 0 &&
         memcmp(packed->strides, tensor->strides, bytes) == 0 &&
         memcmp(packed->extra, extra, sizeof(packed->extra)) == 0;
}

pt2__packed_t* pt2__packed_find(const pt2_tensor_t* tensor, const void* kind,
                                const int64_t* extra) {
  pt2__packed_t* packed =
      atomic_load_explicit(&tensor->storage->packed, memory_order_acquire);
  while (packed != NULL && !matches(packed, tensor, kind, extra)) {
    packed = packed->next;
  }
  return packed;
}

pt2__packed_t* pt2__packed_insert(const pt2_tensor_t* tensor, const void* kind,
                                  const int64_t* extra, pt2__packed_t* packed) {
  size_t bytes = (size_t)tensor->rank * sizeof(int64_t);
  packed->kind = kind;
  packed->dtype = tensor->dtype;
  packed->rank = tensor->rank;
  packed->storage_offset = tensor->storage_offset;
  memcpy(packed->sizes, tensor->sizes, bytes);
  memcpy(packed->strides, tensor->strides, bytes);
  memcpy(packed->extra, extra, sizeof(packed->extra));
  _Atomic(pt2__packed_t*)* head = &tensor->storage->packed;
  pt2__packed_t* first = atomic_load_explicit(head, memory_order_acquire);
  for (;;) {
    // Look at all that came since: two threads may have packed the same view.
    pt2__packed_t* other = pt2__packed_find(tensor, kind, extra);
    if (other != NULL) {
      packed->destroy(packed);
      return other;
    }
    packed->next = first;
    if (atomic_compare_exchange_weak_explicit(
            head, &first, packed, memory_order_acq_rel, memory_order_acquire)) {
      return packed;
    }
  }
}
