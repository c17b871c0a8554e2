// SPDX-License-Identifier: Apache-2.0
//
// One kernel call: pipeline, arguments, dispatch.
#include <string.h>

#include "backends/mps/mps.h"

// The open call, under the lock; NULL between calls and after a failure.
static pt2__metal_commands_t* commands;

pt2_status_t pt2__mps_encode_begin(pt2__mps_kernel_t* kernel) {
  commands = NULL;
  if (kernel == NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                         "mps: the kernel is a NULL handle");
  }
  PT2__MPS_TRY(pt2__mps_stream_commands(&commands));
  pt2__metal_commands_set_kernel(commands, kernel->metal);
  return PT2_STATUS_OK;
}

// Fails unless argument |index| may be set now.
static pt2_status_t check(unsigned index) {
  if (commands == NULL) {
    return PT2__MPS_FAIL(PT2_STATUS_FAILED_PRECONDITION,
                         "mps: no kernel call was begun");
  }
  if (index >= PT2__METAL_ARGUMENT_COUNT) {
    commands = NULL;
    return PT2__MPS_FAIL(PT2_STATUS_UNSUPPORTED,
                         "mps: argument %u: a kernel has at most %d", index,
                         PT2__METAL_ARGUMENT_COUNT);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__mps_encode_bytes(unsigned index, const void* data,
                                   size_t bytes) {
  PT2__MPS_TRY(check(index));
  pt2__metal_commands_set_bytes(commands, index, data, bytes);
  return PT2_STATUS_OK;
}

// Metal has no double: a number of the host becomes a float, as in PyTorch.
static pt2_status_t set_host_number(unsigned index, AtenTensorHandle tensor,
                                    const void* data) {
  int64_t rank = -1;
  int32_t dtype = 0;
  pt2__mps_host.get_dim(tensor, &rank);
  pt2__mps_host.get_dtype(tensor, &dtype);
  if (rank != 0) {
    commands = NULL;
    return PT2__MPS_FAIL(
        PT2_STATUS_INVALID_ARGUMENT,
        "mps: argument %u is a tensor of the cpu with %lld dimensions; only "
        "numbers may be",
        index, (long long)rank);
  }
  if (dtype == PT2_DTYPE_F64) {
    double value;
    memcpy(&value, data, sizeof(value));
    float narrow = (float)value;
    pt2__metal_commands_set_bytes(commands, index, &narrow, sizeof(narrow));
  } else {
    pt2__metal_commands_set_bytes(commands, index, data,
                                  pt2__mps_host.dtype_element_size(dtype));
  }
  return PT2_STATUS_OK;
}

static pt2_status_t set_buffer(unsigned index, const char* data) {
  size_t offset = 0;
  pt2__metal_buffer_t* buffer = pt2__mps_memory_use(data, &offset);
  if (buffer == NULL) {
    commands = NULL;
    return PT2__MPS_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                         "mps: argument %u is not in memory of the device",
                         index);
  }
  pt2__metal_commands_set_buffer(commands, index, buffer, offset);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__mps_encode_tensor(unsigned index, AtenTensorHandle tensor) {
  PT2__MPS_TRY(check(index));
  void* data = NULL;
  int32_t device_type = 0;
  int64_t numel = 0;
  if (tensor == NULL || pt2__mps_host.get_data_ptr(tensor, &data) != 0 ||
      pt2__mps_host.get_numel(tensor, &numel) != 0 ||
      pt2__mps_host.get_device_type(tensor, &device_type) != 0) {
    commands = NULL;
    return PT2__MPS_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                         "mps: argument %u is a NULL handle", index);
  }
  if (numel == 0 || data == NULL) {
    // Nothing reads it, but there has to be something.
    static const char nothing[16];
    pt2__metal_commands_set_bytes(commands, index, nothing, sizeof(nothing));
    return PT2_STATUS_OK;
  }
  return device_type == PT2_DEVICE_CPU ? set_host_number(index, tensor, data)
                                       : set_buffer(index, data);
}

pt2_status_t pt2__mps_encode_part(unsigned index, AtenTensorHandle tensor,
                                  int64_t first_element) {
  PT2__MPS_TRY(check(index));
  void* data = NULL;
  int32_t dtype = 0;
  pt2__mps_host.get_data_ptr(tensor, &data);
  pt2__mps_host.get_dtype(tensor, &dtype);
  size_t bytes = pt2__mps_host.dtype_element_size(dtype);
  return set_buffer(index, (char*)data + (size_t)first_element * bytes);
}

pt2_status_t pt2__mps_encode_report(unsigned index,
                                    const pt2__mps_indexed_t* indexed) {
  PT2__MPS_TRY(check(index));
  pt2__metal_buffer_t* place = NULL;
  size_t offset = 0;
  pt2_status_t status =
      pt2__mps_reports_add(pt2__mps_stream_reports(), indexed, &place, &offset);
  if (status != PT2_STATUS_OK) {
    commands = NULL;
    return status;
  }
  pt2__metal_commands_set_buffer(commands, index, place, offset);
  return PT2_STATUS_OK;
}

static pt2_status_t bad_dispatch(const pt2__mps_kernel_t* kernel,
                                 const char* what) {
  return PT2__MPS_FAIL(PT2_STATUS_INVALID_ARGUMENT, "mps: kernel %s: %s",
                       kernel->name, what);
}

// What a dispatch without a group runs in.
static void default_group(const pt2__mps_kernel_t* kernel,
                          const uint64_t* threads, size_t dimension_count,
                          size_t group[3]) {
  group[0] = kernel->max_threads;
  if (dimension_count == 1 && threads[0] < group[0]) {
    group[0] = threads[0];
  }
}

pt2_status_t pt2__mps_encode_dispatch(const pt2__mps_kernel_t* kernel,
                                      const uint64_t* threads,
                                      size_t dimension_count,
                                      const uint64_t* group,
                                      size_t group_dimension_count) {
  PT2__MPS_TRY(check(0));
  pt2__metal_commands_t* target = commands;
  commands = NULL;
  if (dimension_count == 0 || dimension_count > 3 ||
      (group != NULL && group_dimension_count != dimension_count)) {
    return bad_dispatch(kernel, "a grid has 1 to 3 dimensions, its group too");
  }
  size_t grid[3] = {1, 1, 1};
  size_t in_group[3] = {1, 1, 1};
  bool empty = false;
  for (size_t i = 0; i < dimension_count; ++i) {
    grid[i] = threads[i];
    in_group[i] = group != NULL ? group[i] : 1;
    empty = empty || threads[i] == 0;
  }
  if (empty) {
    return PT2_STATUS_OK;
  }
  if (group == NULL) {
    default_group(kernel, threads, dimension_count, in_group);
  }
  size_t count = in_group[0] * in_group[1] * in_group[2];
  if (count == 0 || count > kernel->max_threads) {
    return PT2__MPS_FAIL(
        PT2_STATUS_INVALID_ARGUMENT,
        "mps: kernel %s: a threadgroup has 1 to %zu threads, not %zu",
        kernel->name, kernel->max_threads, count);
  }
  pt2__metal_commands_dispatch(target, grid, in_group);
  ++pt2__mps_stream_statistics()->kernel_count;
  return PT2_STATUS_OK;
}
