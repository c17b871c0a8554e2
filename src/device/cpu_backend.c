// SPDX-License-Identifier: Apache-2.0
//
// The contract of a back end as the cpu keeps it: memory of the pool, work that
// is done when the call returns.
#include <string.h>

#include "base/memory.h"
#include "device/device.h"

static pt2_status_t synchronize(void* user, int32_t index) {
  (void)user, (void)index;
  return PT2_STATUS_OK;
}

static pt2_status_t allocate(void* user, int32_t index, size_t bytes,
                             void** out_data) {
  (void)user, (void)index;
  void* data = pt2__pool_alloc(bytes);
  if (data == NULL) {
    return PT2_STATUS_OUT_OF_MEMORY;
  }
  *out_data = data;
  return PT2_STATUS_OK;
}

static void free_memory(void* user, int32_t index, void* data, size_t bytes) {
  (void)user, (void)index;
  pt2__pool_free(data, bytes);
}

static pt2_status_t copy(void* user, int32_t kind, int32_t target_index,
                         void* target, int32_t source_index, const void* source,
                         size_t bytes) {
  (void)user, (void)kind, (void)target_index, (void)source_index;
  memcpy(target, source, bytes);
  return PT2_STATUS_OK;
}

static pt2_status_t fill(void* user, int32_t index, void* data, uint8_t value,
                         size_t bytes) {
  (void)user, (void)index;
  memset(data, value, bytes);
  return PT2_STATUS_OK;
}

const pt2_backend_t pt2__cpu_backend = {
    .struct_bytes = sizeof(pt2_backend_t),
    .abi_version = PT2_BACKEND_ABI_VERSION,
    .device = "cpu",
    .device_type = PT2_DEVICE_CPU,
    .host_visible = true,
    .synchronize = synchronize,
    .allocate = allocate,
    .free = free_memory,
    .copy = copy,
    .fill = fill,
};
