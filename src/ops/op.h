// SPDX-License-Identifier: Apache-2.0
//
// What every operator file includes: PyTorch's prototypes, tensors, errors.
#ifndef PT2_SRC_OPS_OP_H_
#define PT2_SRC_OPS_OP_H_

#include "base/memory.h"
#include "base/status.h"
#include "gen/shim.h"
#include "tensor/device.h"
#include "tensor/tensor.h"

// Result of a shim: PyTorch's 0 or 1.
#define PT2_OP_OK 0
#define PT2_OP_FAILED 1

// Ends a shim: runs |expr| (a pt2_status_t) and turns it into PyTorch's code;
// on failure the record says "aten::name: what happened". Shims never throw.
// What PT2_OP_CHECK_TENSOR said of a device ends here.
#define PT2_OP_RETURN(aten_name, expr)      \
  do {                                      \
    pt2_status_t op_status_ = (expr);       \
    pt2__op_leave();                        \
    if (op_status_ != PT2_STATUS_OK) {      \
      pt2__error_prefix("%s", (aten_name)); \
      return PT2_OP_FAILED;                 \
    }                                       \
    return PT2_OP_OK;                       \
  } while (0)

// Fails with INVALID_ARGUMENT unless |condition| holds.
#define PT2_OP_CHECK(condition, ...)                             \
  do {                                                           \
    if (!(condition)) {                                          \
      return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, __VA_ARGS__); \
    }                                                            \
  } while (0)

// Fails unless |tensor| is a defined tensor in memory that the host may use
// now: its own, or that of a device whose back end says so. Of such a device
// the operator's new tensors are too.
#define PT2_OP_CHECK_TENSOR(tensor, name) \
  PT2_TRY(pt2__op_check_tensor((tensor), (name)))
PT2_MUST_USE pt2_status_t pt2__op_check_tensor(const pt2_tensor_t* tensor,
                                               const char* name);

// Fails unless the host can make tensors for the device that a model names;
// the operator's new tensors are then its. |device_type| may be NULL.
PT2_MUST_USE pt2_status_t pt2__op_check_device(const int32_t* device_type,
                                               int32_t device_index);
static inline void pt2__op_leave(void) {
  if (atomic_load_explicit(&pt2__devices_used, memory_order_relaxed)) {
    pt2__place = (pt2__place_t){NULL, 0};
  }
}

// Wraps a negative dimension; fails naming |dim| and the range, as torch does.
// A rank of 0 counts as 1.
PT2_MUST_USE pt2_status_t pt2__op_wrap_dim(int64_t dim, int64_t rank,
                                           int64_t* out_dim);

// Number of threads an operator should use for |work| (about the number of
// element operations): 1 when it is too little to share.
int pt2__op_threads(int64_t work);

#endif  // PT2_SRC_OPS_OP_H_
