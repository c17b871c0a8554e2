// SPDX-License-Identifier: Apache-2.0
//
// Checks of a model's inputs before they reach its code, which was compiled
// for one dtype, rank, set of strides and range of sizes.
#ifndef PT2_SRC_RUNNER_INPUT_CHECK_H_
#define PT2_SRC_RUNNER_INPUT_CHECK_H_

#include <stdbool.h>
#include <stddef.h>

#include "pt2/package.h"
#include "tensor/tensor.h"

// The facts of all inputs in one block, compiled for a quick walk.
typedef struct pt2__input_checks_t pt2__input_checks_t;

// |infos| must outlive the result. |*out_complete| is false if some input's
// facts are unknown, which then passes unchecked.
//
// Ownership: the caller owns |*out_checks| (pt2__input_checks_destroy).
PT2_MUST_USE pt2_status_t pt2__input_checks_create(
    const pt2_value_info_t* infos, size_t count, int32_t device_type,
    pt2__input_checks_t** out_checks, bool* out_complete);
void pt2__input_checks_destroy(pt2__input_checks_t* checks);

// INVALID_ARGUMENT names the first input that does not fit:
// "input 0 (ARGS[0]) dim 1: expected 256, got 255".
//
// Cost: a few comparisons for each dimension; no allocation.
PT2_MUST_USE pt2_status_t pt2__input_checks_run(
    const pt2__input_checks_t* checks, pt2_tensor_t* const* inputs);

#endif  // PT2_SRC_RUNNER_INPUT_CHECK_H_
