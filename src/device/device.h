// SPDX-License-Identifier: Apache-2.0
//
// Back ends as the library keeps them: the cpu's, plug-ins, and devices that it
// knows by name only.
#ifndef PT2_SRC_DEVICE_DEVICE_H_
#define PT2_SRC_DEVICE_DEVICE_H_

#include "pt2/backend.h"

// The cpu's: the contract over the pool. Tensors and kernels of the cpu do not
// take the way through it.
extern const pt2_backend_t pt2__cpu_backend;

// Fails unless |backend| keeps the contract; what its struct does not have is
// filled in |*out_backend|.
//
// Errors: those of pt2_backend_register
PT2_MUST_USE pt2_status_t pt2__backend_read(const pt2_backend_t* backend,
                                            pt2_backend_t* out_backend);

// Devices of PyTorch's that a package may be for; NULL past the end.
const char* pt2__known_device(size_t index);
// Why such a device has no runners here, as a clause ("runners for mps exist on
// Apple systems only"); NULL for a name that is not known.
const char* pt2__known_device_reason(const char* device);

// The current device and stream of a thread, taken over by a call and given
// back at its end.
typedef struct {
  const pt2_backend_t* backend;  // NULL: nothing to give back
  int32_t index;                 // the device that was entered
  int32_t index_before;
  void* stream_before;
  bool stream_set;
} pt2__device_scope_t;

// |stream| NULL: the thread's current stream of that device. |*out_stream| is
// the one to use.
PT2_MUST_USE pt2_status_t pt2__device_enter(const pt2_backend_t* backend,
                                            int32_t index, void* stream,
                                            pt2__device_scope_t* out_scope,
                                            void** out_stream);
void pt2__device_leave(const pt2__device_scope_t* scope);

// Tells the back end (NULL: the cpu's) that a model's code has returned;
// |status| is what came of it. Returns it, or what the back end makes of OK.
PT2_MUST_USE pt2_status_t pt2__device_end_run(const pt2_backend_t* backend,
                                              int32_t index,
                                              pt2_status_t status);

#endif  // PT2_SRC_DEVICE_DEVICE_H_
