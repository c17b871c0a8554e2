// SPDX-License-Identifier: Apache-2.0
//
// Loops over complex numbers (see elementwise.h).
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_COMPLEX_LOOPS_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_COMPLEX_LOOPS_H_

#include "backends/cpu/kernels/complex/complex_numbers.h"

typedef enum {
  PT2__COMPLEX_NEG,
  PT2__COMPLEX_CONJ,
  PT2__COMPLEX_NOT,  // whether a number is 0, as bool
  PT2__COMPLEX_RECIPROCAL,
  PT2__COMPLEX_RSQRT,
  PT2__COMPLEX_DIV,      // a / b
  PT2__COMPLEX_ADDCMUL,  // a + context * b * c; the context is two doubles
  PT2__COMPLEX_ADDCDIV,  // a + context * b / c
  PT2__COMPLEX_LERP,     // from a to b, by the weight c
  PT2__COMPLEX_FUNCTIONS,
} pt2__complex_function_t;

// The loops of |function| in the fastest instruction set of this machine.
const pt2__complex_loops_t* pt2__complex_loops(
    pt2__complex_function_t function);

// The loops for one instruction set.
extern const pt2__complex_loops_t
    pt2__complex_loops_generic[PT2__COMPLEX_FUNCTIONS];
extern const pt2__complex_loops_t
    pt2__complex_loops_avx2[PT2__COMPLEX_FUNCTIONS];
extern const pt2__complex_loops_t
    pt2__complex_loops_avx512[PT2__COMPLEX_FUNCTIONS];

// Defines the operator aten::|name| of |function|.
#define PT2_COMPLEX_UNARY_OF(name, function)                          \
  PT2_COMPLEX_LOOPS_OF(name);                                         \
  PT2_COMPLEX_LOOPS_OF(name) { return pt2__complex_loops(function); } \
  static pt2_status_t name##_of(const pt2__boxed_t* boxed,            \
                                pt2_tensor_t** out_result) {          \
    return pt2__complex_unary(boxed, pt2__complex_loops(function),    \
                              out_result);                            \
  }                                                                   \
  PT2_BOXED_OP(name, 1, name##_of)

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_COMPLEX_COMPLEX_LOOPS_H_
