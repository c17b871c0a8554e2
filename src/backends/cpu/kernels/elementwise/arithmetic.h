// SPDX-License-Identifier: Apache-2.0
//
// Loops of the basic element-wise functions (see elementwise.h).
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_ARITHMETIC_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_ARITHMETIC_H_

#include "backends/cpu/kernels/elementwise/elementwise.h"
#include "ops/arithmetic.h"

typedef enum {
  PT2__ARITHMETIC_ADD,     // a + context * b, floats and complex numbers
  PT2__ARITHMETIC_MUL,     // a * b
  PT2__ARITHMETIC_SCALE,   // a * context, floats up to f32
  PT2__ARITHMETIC_ABS,     // |a|; of complex numbers the result is real
  PT2__ARITHMETIC_ANGLE,   // pi for a negative float, 0 for others
  PT2__ARITHMETIC_SQUARE,  // a * a
  PT2__ARITHMETIC_CUBE,    // a * a * a
  PT2__ARITHMETIC_SQRT,    // floats, as the three below
  PT2__ARITHMETIC_RSQRT,
  PT2__ARITHMETIC_RECIPROCAL,
  PT2__ARITHMETIC_INVERSE_SQUARE,
} pt2__arithmetic_t;

// Sets |kernel|'s loop and dtypes to |function| of |dtype|, in the fastest
// instruction set of this machine; a dtype that has no loop of its own is
// computed in a wider one. False if there is no loop at all. The context of
// PT2__ARITHMETIC_ADD is a double, that of PT2__ARITHMETIC_SCALE a float.
bool pt2__arithmetic_kernel(pt2__arithmetic_t function, int32_t dtype,
                            pt2__elementwise_kernel_t* kernel);

// The operators aten::abs, aten::add (integers are refused) and aten::mul, for
// lists of tensors too.
PT2_MUST_USE pt2_status_t pt2__arithmetic_absolute(const pt2_tensor_t* self,
                                                   pt2_tensor_t** out_result);
PT2_MUST_USE pt2_status_t pt2__arithmetic_sum(const pt2__pair_t* pair,
                                              double alpha,
                                              pt2_tensor_t** out_result);
PT2_MUST_USE pt2_status_t pt2__arithmetic_product(const pt2__pair_t* pair,
                                                  pt2_tensor_t** out_result);

// The loop for one instruction set, NULL if it has none for |dtype|.
pt2__elementwise_loop_fn pt2__arithmetic_loop_generic(
    pt2__arithmetic_t function, int32_t dtype);
pt2__elementwise_loop_fn pt2__arithmetic_loop_avx2(pt2__arithmetic_t function,
                                                   int32_t dtype);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_ARITHMETIC_H_
