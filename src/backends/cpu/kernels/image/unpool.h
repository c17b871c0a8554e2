// SPDX-License-Identifier: Apache-2.0
//
// Max unpooling on the CPU.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_UNPOOL_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_UNPOOL_H_

#include "ops/unpool.h"

// The whole operator. Of places that come twice in a plane the last one stays.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype), OUT_OF_MEMORY.
PT2_MUST_USE pt2_status_t pt2__unpool(const pt2_tensor_t* self,
                                      const pt2_tensor_t* indices,
                                      const pt2__unpool_args_t* args,
                                      pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_UNPOOL_H_
