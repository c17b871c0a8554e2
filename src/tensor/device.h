// SPDX-License-Identifier: Apache-2.0
//
// Tensors in a back end's memory. The cpu's are not here: host memory comes
// from the pool, and a process without another device does not pay for this.
#ifndef PT2_SRC_TENSOR_DEVICE_H_
#define PT2_SRC_TENSOR_DEVICE_H_

#include "pt2/backend.h"
#include "tensor/tensor.h"

// Where memory lies; |backend| NULL: on the host.
typedef struct {
  const pt2_backend_t* backend;
  int32_t index;
} pt2__place_t;

// False while the cpu is the only device: then pt2__place is not looked at.
extern atomic_bool pt2__devices_used;
// Where pt2__storage_create and pt2__tensor_empty take memory in this thread.
// Operators that run on the host for a device set it (ops/op.h).
extern _Thread_local pt2__place_t pt2__place;

// Publishes a back end, which lives as long as the process; false if its device
// type is taken or not one of PyTorch's.
bool pt2__device_add(const pt2_backend_t* backend);
// The back end of a device type; NULL: none, or the host.
const pt2_backend_t* pt2__device_find(int32_t device_type);
// The place of a device type and index (-1: the thread's current one).
//
// Errors: INCOMPATIBLE, INVALID_ARGUMENT, and those of the back end
PT2_MUST_USE pt2_status_t pt2__device_place(int32_t device_type,
                                            int32_t device_index,
                                            pt2__place_t* out_place);
static inline pt2__place_t pt2__tensor_place(const pt2_tensor_t* tensor) {
  return (pt2__place_t){pt2__device_find(tensor->device_type),
                        tensor->device_index};
}

// |status|, with a record if the back end wrote none.
pt2_status_t pt2__device_check(const pt2_backend_t* backend,
                               pt2_status_t status, const char* what);

// pt2__storage_create and pt2__tensor_empty at a place.
PT2_MUST_USE pt2_status_t pt2__storage_create_at(pt2__place_t place,
                                                 size_t bytes,
                                                 pt2__storage_t** out_storage);
PT2_MUST_USE pt2_status_t pt2__tensor_empty_at(pt2__place_t place,
                                               int32_t dtype, int64_t rank,
                                               const int64_t* sizes,
                                               const int64_t* strides,
                                               pt2_tensor_t** out_tensor);
// Frees what pt2__storage_create_at took from a back end.
void pt2__storage_free_device(pt2__storage_t* storage);

// Waits until the host may use |tensor|'s memory.
//
// Errors: INVALID_ARGUMENT  its device does not let the host do that
PT2_MUST_USE pt2_status_t pt2__tensor_host_wait(const pt2_tensor_t* tensor);

// |source| at a place: laid out like |source| if it has no gaps.
PT2_MUST_USE pt2_status_t pt2__tensor_to(const pt2_tensor_t* source,
                                         pt2__place_t place,
                                         pt2_tensor_t** out_tensor);
// Copies |bytes| from |source|'s first element to |target|'s; both have as
// many, and they do not overlap.
PT2_MUST_USE pt2_status_t pt2__device_copy_bytes(pt2_tensor_t* target,
                                                 const pt2_tensor_t* source,
                                                 size_t bytes);
// pt2__tensor_copy where either is on a device; the sizes were checked.
PT2_MUST_USE pt2_status_t pt2__tensor_copy_devices(pt2_tensor_t* target,
                                                   const pt2_tensor_t* source);
// The same for memory that the host may use now; defined in copy.c.
PT2_MUST_USE pt2_status_t pt2__tensor_copy_host(pt2_tensor_t* target,
                                                const pt2_tensor_t* source);

#endif  // PT2_SRC_TENSOR_DEVICE_H_
