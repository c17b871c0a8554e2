// SPDX-License-Identifier: Apache-2.0
//
// A back end to copy: the device "null" is host memory that is accounted for
// and poisoned when it comes and goes. Its work is done when the call returns.
// Packages for it are the cpu's with another device in their metadata
// (retarget.py): their code asks for the cpu's device type and gets this one's,
// and their operators are the cpu's, run in this memory.
//
// docs/writing-a-backend.md says what to change for a device of your own.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "pt2/backend.h"

#define DEVICE_COUNT 2
#define CAPACITY_BYTES ((size_t)1 << 30)  // of one device
#define ALIGNMENT 64
#define FRESH_BYTE 0xcb
#define FREED_BYTE 0xdd

// Filled in by pt2_backend_query.
static const pt2_backend_host_t* host;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pt2_backend_statistics_t counts;  // under the lock
static size_t used_bytes[DEVICE_COUNT];  // under the lock
static _Thread_local int32_t current_device;
static _Thread_local void* current_streams[DEVICE_COUNT];

// ---- Devices and streams ---------------------------------------------------

static pt2_status_t device_count(void* user, int32_t* out_count) {
  (void)user;
  *out_count = DEVICE_COUNT;
  return PT2_STATUS_OK;
}

static pt2_status_t get_device(void* user, int32_t* out_index) {
  (void)user;
  *out_index = current_device;
  return PT2_STATUS_OK;
}

static pt2_status_t set_device(void* user, int32_t index) {
  (void)user;
  if (index < 0 || index >= DEVICE_COUNT) {
    host->set_error(PT2_STATUS_INVALID_ARGUMENT,
                    "null: device %d of %d does not exist", index,
                    DEVICE_COUNT);
    return PT2_STATUS_INVALID_ARGUMENT;
  }
  current_device = index;
  return PT2_STATUS_OK;
}

// Nothing waits in a stream here; a handle is only an address.
static pt2_status_t create_stream(void* user, int32_t index,
                                  void** out_stream) {
  (void)user, (void)index;
  void* stream = malloc(1);
  if (stream == NULL) {
    return PT2_STATUS_OUT_OF_MEMORY;
  }
  pthread_mutex_lock(&lock);
  ++counts.live_streams;
  pthread_mutex_unlock(&lock);
  *out_stream = stream;
  return PT2_STATUS_OK;
}

static void destroy_stream(void* user, int32_t index, void* stream) {
  (void)user, (void)index;
  free(stream);
  pthread_mutex_lock(&lock);
  --counts.live_streams;
  pthread_mutex_unlock(&lock);
}

static pt2_status_t get_stream(void* user, int32_t index, void** out_stream) {
  (void)user;
  *out_stream = current_streams[index];
  return PT2_STATUS_OK;
}

static pt2_status_t set_stream(void* user, int32_t index, void* stream) {
  (void)user;
  current_streams[index] = stream;
  return PT2_STATUS_OK;
}

static pt2_status_t synchronize(void* user, int32_t index) {
  (void)user, (void)index;
  pthread_mutex_lock(&lock);
  ++counts.synchronize_count;
  pthread_mutex_unlock(&lock);
  return PT2_STATUS_OK;
}

// ---- Memory ----------------------------------------------------------------

// Takes |bytes| of a device's capacity; false if there are not as many.
static bool reserve(int32_t index, size_t bytes) {
  pthread_mutex_lock(&lock);
  bool fits = bytes <= CAPACITY_BYTES - used_bytes[index];
  if (fits) {
    used_bytes[index] += bytes;
    counts.live_bytes += bytes;
    ++counts.live_blocks;
    ++counts.allocation_count;
  }
  pthread_mutex_unlock(&lock);
  return fits;
}

static void unreserve(int32_t index, size_t bytes) {
  pthread_mutex_lock(&lock);
  used_bytes[index] -= bytes;
  counts.live_bytes -= bytes;
  --counts.live_blocks;
  pthread_mutex_unlock(&lock);
}

static pt2_status_t allocate(void* user, int32_t index, size_t bytes,
                             void** out_data) {
  (void)user;
  if (!reserve(index, bytes)) {
    return PT2_STATUS_OUT_OF_MEMORY;
  }
  void* data = NULL;
  if (posix_memalign(&data, ALIGNMENT, bytes) != 0) {
    unreserve(index, bytes);
    return PT2_STATUS_OUT_OF_MEMORY;
  }
  memset(data, FRESH_BYTE, bytes);
  *out_data = data;
  return PT2_STATUS_OK;
}

static void free_memory(void* user, int32_t index, void* data, size_t bytes) {
  (void)user;
  memset(data, FREED_BYTE, bytes);
  free(data);
  unreserve(index, bytes);
}

static pt2_status_t copy(void* user, int32_t kind, int32_t target_index,
                         void* target, int32_t source_index, const void* source,
                         size_t bytes) {
  (void)user, (void)target_index, (void)source_index;
  memcpy(target, source, bytes);
  pthread_mutex_lock(&lock);
  ++counts.copy_count[kind];
  counts.copy_bytes[kind] += bytes;
  pthread_mutex_unlock(&lock);
  return PT2_STATUS_OK;
}

static pt2_status_t fill(void* user, int32_t index, void* data, uint8_t value,
                         size_t bytes) {
  (void)user, (void)index;
  memset(data, value, bytes);
  pthread_mutex_lock(&lock);
  ++counts.fill_count;
  pthread_mutex_unlock(&lock);
  return PT2_STATUS_OK;
}

static void statistics(void* user, pt2_backend_statistics_t* out_statistics) {
  (void)user;
  size_t struct_bytes = out_statistics->struct_bytes;
  pthread_mutex_lock(&lock);
  pt2_backend_statistics_t now = counts;
  pthread_mutex_unlock(&lock);
  now.struct_bytes = struct_bytes;
  memcpy(out_statistics, &now,
         struct_bytes < sizeof(now) ? struct_bytes : sizeof(now));
}

// ---- What its models import ------------------------------------------------

// Code that was compiled for the cpu asks for the number of "its" device.
static int32_t device_type(void) { return PT2_DEVICE_PRIVATEUSE1; }

static const pt2_backend_symbol_t symbols[] = {
    {"aoti_torch_device_type_cpu", (void*)device_type},
};

// ---- The back end ----------------------------------------------------------

static const pt2_backend_t backend = {
    .struct_bytes = sizeof(pt2_backend_t),
    .abi_version = PT2_BACKEND_ABI_VERSION,
    .device = "null",
    .device_type = PT2_DEVICE_PRIVATEUSE1,
    .container_device = "cpu",
    .host_visible = true,
    .symbols = symbols,
    .symbol_count = sizeof(symbols) / sizeof(symbols[0]),
    .device_count = device_count,
    .get_device = get_device,
    .set_device = set_device,
    .create_stream = create_stream,
    .destroy_stream = destroy_stream,
    .get_stream = get_stream,
    .set_stream = set_stream,
    .synchronize = synchronize,
    .allocate = allocate,
    .free = free_memory,
    .copy = copy,
    .fill = fill,
    .statistics = statistics,
};

__attribute__((visibility("default"))) const pt2_backend_t* pt2_backend_query(
    uint32_t abi_version, const pt2_backend_host_t* given_host);

const pt2_backend_t* pt2_backend_query(uint32_t abi_version,
                                       const pt2_backend_host_t* given_host) {
  if (abi_version != PT2_BACKEND_ABI_VERSION) {
    return NULL;
  }
  host = given_host;
  return &backend;
}
