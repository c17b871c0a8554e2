// SPDX-License-Identifier: Apache-2.0
//
// Comparison of an output with what was expected.
#ifndef PT2_SRC_TOOLING_COMPARE_H_
#define PT2_SRC_TOOLING_COMPARE_H_

#include "tooling/values.h"

// |got - expected| <= atol + rtol * |expected| is good.
typedef struct {
  double rtol;
  double atol;
} pt2__tolerance_t;

// What torch.testing.assert_close uses for |dtype|.
pt2__tolerance_t pt2__tolerance_default(pt2_dtype_t dtype);

// What differs.
enum {
  PT2__COMPARE_EQUAL = 0,  // within the tolerance
  PT2__COMPARE_VALUES,     // some elements are out of it
  PT2__COMPARE_DTYPE,
  PT2__COMPARE_SHAPE,
  PT2__COMPARE_MISSING,     // an output without an expected tensor
  PT2__COMPARE_UNEXPECTED,  // an expected tensor for an output that is None
};

typedef struct {
  int outcome;
  pt2__tolerance_t tolerance;
  int64_t numel;
  int64_t differing;    // elements out of the tolerance
  int64_t nan_differs;  // of these: NaN in one of the two only
  // The element with the largest difference (a NaN in one only counts as the
  // largest of all), -1 if all are equal; its values; complex ones as
  // magnitudes.
  int64_t worst;
  double worst_got;
  double worst_expected;
  double worst_abs;
  double worst_rel;
} pt2__comparison_t;

// Compares element by element. NaN equals NaN, an infinity its like.
//
// Errors: dtypes whose elements cannot be read.
int pt2__compare(pt2_tensor_t* got, pt2_tensor_t* expected,
                 pt2__tolerance_t tolerance, pt2__comparison_t* out_comparison);

// Appends the sentence that a person reads, without a newline:
// "3 of 640 elements differ (0.47%); largest difference at [2, 17]: got …".
// |got| and |expected| may be NULL where one is missing.
void pt2__comparison_describe(const pt2__comparison_t* comparison,
                              const pt2_tensor_t* got,
                              const pt2_tensor_t* expected, pt2__text_t* text);

// The index of element |flat| in row-major order, to |out_index| (rank
// entries).
void pt2__unflatten(const pt2_tensor_t* tensor, int64_t flat,
                    int64_t* out_index);

#endif  // PT2_SRC_TOOLING_COMPARE_H_
