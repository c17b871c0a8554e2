// SPDX-License-Identifier: Apache-2.0
//
// What operators that return new random numbers have in common.
#ifndef PT2_SRC_BACKENDS_CPU_RANDOM_SAMPLE_H_
#define PT2_SRC_BACKENDS_CPU_RANDOM_SAMPLE_H_

#include "backends/cpu/random/generator.h"
#include "ops/op.h"

// Fill |made|, which they take: it becomes |*ret0|, or on failure is released.
// |given| NULL: the default generator.
//
// Errors: INVALID_ARGUMENT: the dtype is not one of the distribution's, or the
// bounds are not in it.

// Uniform in [0, 1).
PT2_MUST_USE pt2_status_t pt2__sample_uniform(pt2_tensor_t* made,
                                              AtenGeneratorHandle* given,
                                              AtenTensorHandle* ret0);
// Of variance 1, which the parts of a complex number share.
PT2_MUST_USE pt2_status_t pt2__sample_normal(pt2_tensor_t* made,
                                             AtenGeneratorHandle* given,
                                             AtenTensorHandle* ret0);
// Integers in [low, high).
PT2_MUST_USE pt2_status_t pt2__sample_integers(pt2_tensor_t* made, int64_t low,
                                               int64_t high,
                                               AtenGeneratorHandle* given,
                                               AtenTensorHandle* ret0);

#endif  // PT2_SRC_BACKENDS_CPU_RANDOM_SAMPLE_H_
