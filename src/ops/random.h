// SPDX-License-Identifier: Apache-2.0
//
// What operators that make random numbers have in common on every device: the
// checks of their parameters.
#ifndef PT2_SRC_OPS_RANDOM_H_
#define PT2_SRC_OPS_RANDOM_H_

#include "ops/elementwise.h"

// Fails unless |tensor| holds floating (or, if |complex_too|, complex) numbers
// that the distribution |name| can fill.
PT2_MUST_USE pt2_status_t pt2__random_check_floating(const pt2_tensor_t* tensor,
                                                     const char* name,
                                                     bool complex_too);
PT2_MUST_USE pt2_status_t pt2__random_check_uniform(int32_t dtype, double from,
                                                    double to);
PT2_MUST_USE pt2_status_t pt2__random_check_normal(double std);
PT2_MUST_USE pt2_status_t pt2__random_check_probability(const char* name,
                                                        double p);
// Fails unless |shapes|, row-major of f32 or f64, are shapes of gamma
// distributions from which a sample can be drawn.
PT2_MUST_USE pt2_status_t pt2__random_check_gamma(const pt2_tensor_t* shapes);

// A new tensor for |count| inputs, which must be all f32 or all f64 and are
// broadcast: row-major if it has the first one's sizes, otherwise laid out as
// an element-wise operator does it. |name| is for the message.
PT2_MUST_USE pt2_status_t pt2__random_result(const pt2_tensor_t* const* inputs,
                                             int count, const char* name,
                                             pt2_tensor_t** out_result);

// Checks [*|from|, *|to|) for random integers of |dtype| and moves the bounds
// to numbers that a floating dtype can hold.
PT2_MUST_USE pt2_status_t pt2__random_check_integers(int32_t dtype,
                                                     int64_t* from,
                                                     int64_t* to);

// The real and imaginary parts of a complex tensor as a view of one more
// dimension; an alias of any other tensor.
PT2_MUST_USE pt2_status_t pt2__random_real_view(const pt2_tensor_t* tensor,
                                                pt2_tensor_t** out_view);

#endif  // PT2_SRC_OPS_RANDOM_H_
