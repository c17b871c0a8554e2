// SPDX-License-Identifier: Apache-2.0
//
// The back end "mps": one device, one stream, memory that the host shares.
#include "backends/mps/mps.h"

pt2__mps_host_t pt2__mps_host;

static const char* why_unavailable(void* user) {
  (void)user;
  pt2__mps_lock();
  const char* why = pt2__metal_open();
  pt2__mps_unlock();
  return why;
}

static pt2_status_t synchronize(void* user, int32_t index) {
  (void)user, (void)index;
  return pt2__mps_stream_synchronize();
}

static pt2_status_t allocate(void* user, int32_t index, size_t bytes,
                             void** out_data) {
  (void)user, (void)index;
  return pt2__mps_memory_allocate(bytes, out_data);
}

static void free_memory(void* user, int32_t index, void* data, size_t bytes) {
  (void)user, (void)index, (void)bytes;
  pt2__mps_memory_free(data);
}

static pt2_status_t copy(void* user, int32_t kind, int32_t target_index,
                         void* target, int32_t source_index, const void* source,
                         size_t bytes) {
  (void)user, (void)target_index, (void)source_index;
  return pt2__mps_memory_copy(kind, target, source, bytes);
}

static pt2_status_t fill(void* user, int32_t index, void* data, uint8_t value,
                         size_t bytes) {
  (void)user, (void)index;
  return pt2__mps_memory_fill(data, value, bytes);
}

// The model's code has returned: what it encoded starts to run, and what it did
// not look at is told now.
static pt2_status_t end_run(void* user, int32_t index) {
  (void)user, (void)index;
  pt2__mps_lock();
  pt2_status_t status = pt2__mps_stream_commit();
  pt2__mps_unlock();
  pt2_status_t noted = pt2__mps_take_failure();
  return noted != PT2_STATUS_OK ? noted : status;
}

static void statistics(void* user, pt2_backend_statistics_t* out_statistics) {
  (void)user;
  pt2__mps_memory_statistics(out_statistics);
}

static void trim(void* user) {
  (void)user;
  pt2__mps_memory_trim();
  pt2__mps_reports_trim();
}

static pt2_backend_t backend = {
    .struct_bytes = sizeof(pt2_backend_t),
    .abi_version = PT2_BACKEND_ABI_VERSION,
    .device = "mps",
    .device_type = PT2_DEVICE_MPS,
    // Exactly this: PyTorch's runner takes no index.
    .container_device = "mps",
    .host_visible = true,
    .symbols = pt2__mps_symbols,
    .why_unavailable = why_unavailable,
    .synchronize = synchronize,
    .allocate = allocate,
    .free = free_memory,
    .copy = copy,
    .fill = fill,
    .statistics = statistics,
    .end_run = end_run,
    .oldest_torch_minor = 10,
    .oldest_torch_reason =
        "older ones call C++ classes of libtorch "
        "(at::native::mps), which no other library can be",
    .trim = trim,
};

const pt2_backend_t* pt2__mps_backend(const pt2_backend_host_t* host) {
  pt2__mps_host.table = host;
#define FIND(name, result, parameters)               \
  *(void**)&pt2__mps_host.name =                     \
      host->shim_symbol("cpu", "aoti_torch_" #name); \
  if (pt2__mps_host.name == NULL) {                  \
    return NULL;                                     \
  }
  PT2__MPS_HOST_FUNCTIONS(FIND)
#undef FIND
  backend.symbol_count = pt2__mps_symbol_count;
  return &backend;
}
