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

// Fills the active buffer: from the package's files of torch.save, in place;
// or with what options.constants has.
//
// Errors: those of pt2_runner_load_constants
PT2_MUST_USE pt2_status_t
pt2__constants_load_pickles(pt2__constants_t* constants);
PT2_MUST_USE pt2_status_t pt2__constants_load_given(
    pt2__constants_t* constants, const pt2_named_tensor_t* given, size_t count);

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
