// SPDX-License-Identifier: Apache-2.0
//
// Arguments of addition, multiplication and powers, checked as torch does.
#ifndef PT2_SRC_OPS_ARITHMETIC_H_
#define PT2_SRC_OPS_ARITHMETIC_H_

#include "ops/elementwise.h"

// The two operands of an operator after promotion. A plain number is a tensor
// that the pair owns.
typedef struct {
  const pt2_tensor_t* inputs[2];
  pt2_tensor_t* number;  // NULL if both are tensors
  int32_t dtype;         // that they are promoted to
} pt2__pair_t;

// Two tensors; |left| and |right| are their names in messages.
PT2_MUST_USE pt2_status_t pt2__pair_of_tensors(const pt2_tensor_t* a,
                                               const char* left,
                                               const pt2_tensor_t* b,
                                               const char* right,
                                               pt2__pair_t* out_pair);
// A tensor and a number, or the other way round.
PT2_MUST_USE pt2_status_t pt2__pair_with_number(const pt2_tensor_t* tensor,
                                                const char* name, double number,
                                                bool number_first,
                                                pt2__pair_t* out_pair);
void pt2__pair_release(pt2__pair_t* pair);

// Fails unless |alpha| may scale the second operand of a sum in |dtype|. It is
// rounded to |dtype| in |*out_alpha|.
PT2_MUST_USE pt2_status_t pt2__arithmetic_alpha(double alpha, int32_t dtype,
                                                double* out_alpha);

#endif  // PT2_SRC_OPS_ARITHMETIC_H_
