// SPDX-License-Identifier: Apache-2.0
//
// What operators that make random numbers have in common on every device:
// their results and the checks of their parameters.
#ifndef PT2_SRC_OPS_RANDOM_H_
#define PT2_SRC_OPS_RANDOM_H_

#include "ops/op.h"

// torch's options of a factory; pointers may be NULL for "not given".
typedef struct {
  const int32_t* dtype;
  const int32_t* layout;
  const int32_t* device;
  const int32_t* memory_format;
} pt2__random_options_t;

// A new row-major tensor; |default_dtype| where the options name none.
PT2_MUST_USE pt2_status_t pt2__random_empty(
    const int64_t* sizes, int64_t rank, const pt2__random_options_t* options,
    int32_t default_dtype, pt2_tensor_t** out_tensor);

// A new tensor of |like|'s sizes, and of its dtype unless the options say
// otherwise.
PT2_MUST_USE pt2_status_t pt2__random_empty_like(
    const pt2_tensor_t* like, const pt2__random_options_t* options,
    pt2_tensor_t** out_tensor);

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
