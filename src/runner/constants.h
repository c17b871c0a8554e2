// SPDX-License-Identifier: Apache-2.0
//
// The constants of a runner's model (pt2/constants.h).
#ifndef PT2_SRC_RUNNER_CONSTANTS_H_
#define PT2_SRC_RUNNER_CONSTANTS_H_

#include "pt2/constants.h"
#include "runner/runner_state.h"

// Reads the list of constants from the container.
//
// Errors: MODEL_ERROR, OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t
pt2__constants_create(pt2_runner_t* runner, pt2__constants_t** out_constants);
// After the container is gone, which may borrow tensors. NULL is allowed.
void pt2__constants_destroy(pt2__constants_t* constants);

// FAILED_PRECONDITION unless the active buffer holds every constant.
PT2_MUST_USE pt2_status_t
pt2__constants_require(const pt2__constants_t* constants);

// Adds up where the constants of both buffers lie, into the fields of
// |statistics| about weights.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__constants_measure(
    pt2__constants_t* constants, pt2_runner_statistics_t* statistics);

#endif  // PT2_SRC_RUNNER_CONSTANTS_H_
