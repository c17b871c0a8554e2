// SPDX-License-Identifier: Apache-2.0
//
// Argument checks that many shims share.
#include "shim/shim.h"

pt2_status_t pt2__shim_check_tensor(const pt2_tensor_t* handle,
                                    const char* name) {
  PT2_SHIM_CHECK(handle != NULL, "%s is a NULL handle", name);
  PT2_SHIM_CHECK(handle->storage != NULL, "%s is an undefined tensor", name);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__shim_check_out(const void* pointer) {
  PT2_SHIM_CHECK(pointer != NULL, "the pointer to the result is NULL");
  return PT2_STATUS_OK;
}

pt2_status_t pt2__shim_check_dims(int64_t rank, const int64_t* sizes,
                                  const int64_t* strides) {
  PT2_SHIM_CHECK(rank >= 0 && rank <= PT2__MAX_RANK,
                 "a tensor has 0 to %d dimensions, not %lld", PT2__MAX_RANK,
                 (long long)rank);
  PT2_SHIM_CHECK(rank == 0 || (sizes != NULL && strides != NULL),
                 "sizes or strides are NULL for %lld dimensions",
                 (long long)rank);
  for (int64_t i = 0; i < rank; ++i) {
    PT2_SHIM_CHECK(sizes[i] >= 0, "size %lld of dimension %lld is negative",
                   (long long)sizes[i], (long long)i);
    PT2_SHIM_CHECK(strides[i] >= 0, "stride %lld of dimension %lld is negative",
                   (long long)strides[i], (long long)i);
  }
  return PT2_STATUS_OK;
}
