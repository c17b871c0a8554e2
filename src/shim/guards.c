// SPDX-License-Identifier: Apache-2.0
//
// State of a thread or device: gradient mode, device guards, streams. The host
// is one device, index 0 (torch also writes -1), with one stream, number 0.
#include "shim/shim.h"

static _Thread_local bool grad_disabled;

// Nothing here computes gradients; the flag is kept because models save and
// restore it.
bool aoti_torch_grad_mode_is_enabled(void) { return !grad_disabled; }

void aoti_torch_grad_mode_set_enabled(bool enabled) {
  grad_disabled = !enabled;
}

static pt2_status_t check_index(int32_t device_index) {
  if (device_index != 0 && device_index != -1) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "device index %d is not available: only cpu, index 0, is",
                    device_index);
  }
  return PT2_STATUS_OK;
}

struct pt2__device_guard_t {
  int32_t index;
};

static pt2_status_t create_guard(int32_t index, DeviceGuardHandle* out) {
  PT2_TRY(pt2__shim_check_out(out));
  PT2_TRY(check_index(index));
  DeviceGuardHandle guard = pt2__malloc(sizeof(*guard));
  if (guard == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*guard));
  }
  guard->index = index;
  *out = guard;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_create_device_guard(int32_t device_index,
                                              DeviceGuardHandle* ret_guard) {
  PT2_SHIM_RETURN(create_guard(device_index, ret_guard));
}

AOTITorchError aoti_torch_delete_device_guard(DeviceGuardHandle guard) {
  pt2__free(guard);
  return PT2__SHIM_OK;
}

static pt2_status_t set_guard(DeviceGuardHandle guard, int32_t index) {
  PT2_SHIM_CHECK(guard != NULL, "the guard is a NULL handle");
  PT2_TRY(check_index(index));
  guard->index = index;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_device_guard_set_index(DeviceGuardHandle guard,
                                                 int32_t device_index) {
  PT2_SHIM_RETURN(set_guard(guard, device_index));
}

static pt2_status_t current_device(int32_t* out) {
  PT2_TRY(pt2__shim_check_out(out));
  *out = 0;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_get_current_device_index(int32_t* ret_device_index) {
  PT2_SHIM_RETURN(current_device(ret_device_index));
}

struct pt2__stream_t {
  int64_t id;
};

static pt2_status_t current_stream(int32_t index, StreamHandle* out) {
  PT2_TRY(pt2__shim_check_out(out));
  PT2_TRY(check_index(index));
  StreamHandle stream = pt2__malloc(sizeof(*stream));
  if (stream == NULL) {
    return PT2_OUT_OF_MEMORY(sizeof(*stream));
  }
  stream->id = 0;
  *out = stream;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_get_current_stream(int32_t device_index,
                                             StreamHandle* ret_stream) {
  PT2_SHIM_RETURN(current_stream(device_index, ret_stream));
}

static pt2_status_t stream_id(StreamHandle stream, int64_t* out) {
  PT2_SHIM_CHECK(stream != NULL, "the stream is a NULL handle");
  PT2_TRY(pt2__shim_check_out(out));
  *out = stream->id;
  return PT2_STATUS_OK;
}

AOTITorchError aoti_torch_stream_id(StreamHandle stream,
                                    int64_t* ret_stream_id) {
  PT2_SHIM_RETURN(stream_id(stream, ret_stream_id));
}

AOTITorchError aoti_torch_delete_stream(StreamHandle stream) {
  pt2__free(stream);
  return PT2__SHIM_OK;
}
