// SPDX-License-Identifier: Apache-2.0
//
// Whether a struct is a back end.
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "device/device.h"

static pt2_status_t need(const pt2_backend_t* backend, bool there,
                         const char* field) {
  return there ? PT2_STATUS_OK
               : PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                          "back end \"%s\": %s may not be NULL",
                          backend->device, field);
}

// |set| of |count| functions that come together.
static pt2_status_t all_or_none(const pt2_backend_t* backend, int set,
                                int count, const char* fields) {
  return set == 0 || set == count
             ? PT2_STATUS_OK
             : PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                        "back end \"%s\": %s are set all or none",
                        backend->device, fields);
}

static pt2_status_t check(const pt2_backend_t* backend) {
  PT2_TRY(need(backend, backend->synchronize != NULL, "synchronize"));
  PT2_TRY(need(backend, backend->allocate != NULL, "allocate"));
  PT2_TRY(need(backend, backend->free != NULL, "free"));
  PT2_TRY(need(backend, backend->copy != NULL, "copy"));
  PT2_TRY(need(backend, backend->fill != NULL, "fill"));
  PT2_TRY(need(backend, backend->symbols != NULL || backend->symbol_count == 0,
               "symbols"));
  PT2_TRY(all_or_none(backend,
                      (backend->device_count != NULL) +
                          (backend->get_device != NULL) +
                          (backend->set_device != NULL),
                      3, "device_count, get_device and set_device"));
  PT2_TRY(all_or_none(backend,
                      (backend->oldest_torch_minor != 0) +
                          (backend->oldest_torch_reason != NULL),
                      2, "oldest_torch_minor and oldest_torch_reason"));
  return all_or_none(
      backend,
      (backend->create_stream != NULL) + (backend->destroy_stream != NULL) +
          (backend->get_stream != NULL) + (backend->set_stream != NULL),
      4, "create_stream, destroy_stream, get_stream and set_stream");
}

pt2_status_t pt2__backend_read(const pt2_backend_t* backend,
                               pt2_backend_t* out_backend) {
  if (backend == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "the back end is NULL");
  }
  // Every version begins with these two.
  if (backend->struct_bytes <
      offsetof(pt2_backend_t, abi_version) + sizeof(backend->abi_version)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "pt2_backend_t: struct_bytes is %zu",
                    backend->struct_bytes);
  }
  if (backend->abi_version != PT2_BACKEND_ABI_VERSION) {
    return PT2_FAIL(PT2_STATUS_INCOMPATIBLE,
                    "the back end has ABI version %u, this library has %u",
                    backend->abi_version, (unsigned)PT2_BACKEND_ABI_VERSION);
  }
  if (backend->struct_bytes > sizeof(*out_backend)) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "pt2_backend_t: struct_bytes is %zu, this library knows "
                    "%zu",
                    backend->struct_bytes, sizeof(*out_backend));
  }
  memset(out_backend, 0, sizeof(*out_backend));
  memcpy(out_backend, backend, backend->struct_bytes);
  out_backend->struct_bytes = sizeof(*out_backend);
  if (out_backend->device == NULL || out_backend->device[0] == '\0') {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "a back end needs the name of its device");
  }
  return check(out_backend);
}
