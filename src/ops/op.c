// SPDX-License-Identifier: Apache-2.0
#include "ops/op.h"

#include <omp.h>

#include "pt2/pt2.h"

// Apart, so that the check of a tensor of the host needs no stack frame.
static __attribute__((noinline)) pt2_status_t take_device(
    const pt2_tensor_t* tensor, const char* name) {
  pt2__place_t place = pt2__tensor_place(tensor);
  if (place.backend == NULL || !place.backend->host_visible) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "%s is on device %s, expected cpu", name,
                    pt2_device_type_name(tensor->device_type));
  }
  PT2_TRY(pt2__tensor_host_wait(tensor));
  pt2__place = place;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__op_check_tensor(const pt2_tensor_t* tensor,
                                  const char* name) {
  if (tensor == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "%s is a NULL handle", name);
  }
  if (tensor->storage == NULL) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "%s is an undefined tensor",
                    name);
  }
  if (tensor->device_type != PT2_DEVICE_CPU) {
    return take_device(tensor, name);
  }
  return PT2_STATUS_OK;
}

pt2_status_t pt2__op_check_device(const int32_t* device_type,
                                  int32_t device_index) {
  if (device_type == NULL || *device_type == PT2_DEVICE_CPU) {
    return PT2_STATUS_OK;
  }
  pt2__place_t place;
  PT2_TRY(pt2__device_place(*device_type, device_index, &place));
  PT2_OP_CHECK(place.backend->host_visible,
               "the host cannot make a tensor on device %s",
               place.backend->device);
  pt2__place = place;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__op_wrap_dim(int64_t dim, int64_t rank, int64_t* out_dim) {
  int64_t range = rank > 0 ? rank : 1;
  if (dim < -range || dim >= range) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "Dimension out of range (expected to be in range of "
                    "[%lld, %lld], but got %lld)",
                    (long long)-range, (long long)range - 1, (long long)dim);
  }
  *out_dim = dim < 0 ? dim + range : dim;
  return PT2_STATUS_OK;
}

// Below this many element operations a parallel region costs more than it
// saves (torch's own grain size).
#define GRAIN 32768

int pt2__op_threads(int64_t work) {
  int most = pt2_num_threads();
  if (work < 2 * GRAIN || most <= 1 || omp_in_parallel()) {
    return 1;
  }
  int64_t share = work / GRAIN;
  return share < most ? (int)share : most;
}
