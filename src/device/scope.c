// SPDX-License-Identifier: Apache-2.0
//
// A thread's current device and stream around a call.
#include "base/status.h"
#include "device/device.h"
#include "tensor/device.h"

static pt2_status_t enter_device(const pt2_backend_t* backend, int32_t index,
                                 pt2__device_scope_t* scope) {
  if (backend->set_device == NULL) {
    return PT2_STATUS_OK;
  }
  PT2_TRY(pt2__device_check(
      backend, backend->get_device(backend->user, &scope->index_before),
      "asking for the current device"));
  return pt2__device_check(backend, backend->set_device(backend->user, index),
                           "setting the current device");
}

static pt2_status_t enter_stream(const pt2_backend_t* backend, int32_t index,
                                 void* stream, pt2__device_scope_t* scope,
                                 void** out_stream) {
  *out_stream = NULL;
  if (backend->set_stream == NULL) {
    return stream == NULL
               ? PT2_STATUS_OK
               : PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                          "device %s has no streams", backend->device);
  }
  PT2_TRY(pt2__device_check(
      backend, backend->get_stream(backend->user, index, &scope->stream_before),
      "asking for the current stream"));
  *out_stream = stream != NULL ? stream : scope->stream_before;
  if (stream != NULL) {
    PT2_TRY(pt2__device_check(backend,
                              backend->set_stream(backend->user, index, stream),
                              "setting the current stream"));
    scope->stream_set = true;
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__device_enter(const pt2_backend_t* backend, int32_t index,
                               void* stream, pt2__device_scope_t* out_scope,
                               void** out_stream) {
  *out_scope = (pt2__device_scope_t){.index = index};
  *out_stream = NULL;
  if (backend == NULL) {
    return stream == NULL ? PT2_STATUS_OK
                          : PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                                     "device cpu has no streams");
  }
  PT2_TRY(enter_device(backend, index, out_scope));
  out_scope->backend = backend;
  pt2_status_t status =
      enter_stream(backend, index, stream, out_scope, out_stream);
  if (status != PT2_STATUS_OK) {
    pt2__device_leave(out_scope);
  }
  return status;
}

// What fails here has no place in a result: the call is over.
void pt2__device_leave(const pt2__device_scope_t* scope) {
  const pt2_backend_t* backend = scope->backend;
  if (backend == NULL) {
    return;
  }
  pt2_status_t status = PT2_STATUS_OK;
  if (scope->stream_set) {
    status =
        backend->set_stream(backend->user, scope->index, scope->stream_before);
  }
  if (backend->set_device != NULL) {
    status = backend->set_device(backend->user, scope->index_before);
  }
  (void)status;
}

pt2_status_t pt2__device_end_run(const pt2_backend_t* backend, int32_t index,
                                 pt2_status_t status) {
  if (backend == NULL || backend->end_run == NULL) {
    return status;
  }
  pt2_status_t ended = backend->end_run(backend->user, index);
  return status != PT2_STATUS_OK
             ? status
             : pt2__device_check(backend, ended, "the end of the run");
}
