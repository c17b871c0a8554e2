// SPDX-License-Identifier: Apache-2.0
#ifndef PT2_SRC_RUNNER_REGISTRY_H_
#define PT2_SRC_RUNNER_REGISTRY_H_

#include "pt2/status.h"

// OK if there are runners for |device| and it is there; otherwise INCOMPATIBLE
// with "|subject| device "mps"; why; what there is".
PT2_MUST_USE pt2_status_t pt2__device_require(const char* device,
                                              const char* subject);

#endif  // PT2_SRC_RUNNER_REGISTRY_H_
