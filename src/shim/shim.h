// SPDX-License-Identifier: Apache-2.0
//
// What the files of this folder share: endings of shims and argument checks.
#ifndef PT2_SRC_SHIM_SHIM_H_
#define PT2_SRC_SHIM_SHIM_H_

#include "base/memory.h"
#include "base/status.h"
#include "gen/shim.h"
#include "tensor/tensor.h"

#define PT2__SHIM_OK 0
#define PT2__SHIM_FAILED 1

// Ends a shim with PyTorch's code for |expr| (a pt2_status_t). __func__ is the
// name that the model imports, so the record says which call it was.
#define PT2_SHIM_RETURN(expr)            \
  do {                                   \
    if ((expr) != PT2_STATUS_OK) {       \
      pt2__error_prefix("%s", __func__); \
      return PT2__SHIM_FAILED;           \
    }                                    \
    return PT2__SHIM_OK;                 \
  } while (0)

// Fails with INVALID_ARGUMENT unless |condition| holds.
#define PT2_SHIM_CHECK(condition, ...)                           \
  do {                                                           \
    if (!(condition)) {                                          \
      return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, __VA_ARGS__); \
    }                                                            \
  } while (0)

// Fails unless |handle| is a defined tensor, wherever its memory is.
PT2_MUST_USE pt2_status_t pt2__shim_check_tensor(const pt2_tensor_t* handle,
                                                 const char* name);
// Fails if |pointer|, where a result goes, is NULL.
PT2_MUST_USE pt2_status_t pt2__shim_check_out(const void* pointer);
// Fails for a negative or too large rank, for arrays that are NULL though the
// rank is not 0, and for negative sizes.
PT2_MUST_USE pt2_status_t pt2__shim_check_dims(int64_t rank,
                                               const int64_t* sizes,
                                               const int64_t* strides);

#endif  // PT2_SRC_SHIM_SHIM_H_
