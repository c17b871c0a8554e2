// SPDX-License-Identifier: Apache-2.0
//
// Functions of floats and doubles, computed side by side. Those of floats are
// computed in double precision, with an error below 1e-9 before the result is
// rounded, but for the sigmoid and, with AVX-512, those in
// float_vectors_avx512.h; those of doubles are some units in the last place
// away.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_FLOAT_FUNCTIONS_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_FLOAT_FUNCTIONS_H_

#include "backends/cpu/kernels/elementwise/elementwise.h"

// clang-format off
#define PT2_FLOAT_FUNCTIONS(X)                                             \
  X(acos) X(asin) X(atan) X(ceil) X(cos) X(cosh) X(erf) X(erfc) X(exp)     \
  X(expm1) X(floor) X(frac) X(lgamma) X(log) X(log10) X(log1p) X(log2)     \
  X(round) X(sigmoid) X(sin) X(sinh) X(tan) X(tanh) X(trunc)
// clang-format on

// PT2__FLOAT_exp and so on.
typedef enum {
#define X(name) PT2__FLOAT_##name,
  PT2_FLOAT_FUNCTIONS(X)
#undef X
      PT2__FLOAT_FUNCTIONS,
} pt2__float_function_t;

// Sets |kernel|'s loop and dtypes to |function| of floats of |dtype|: its own
// or, of those that are computed in f32, that one. False if there is none.
bool pt2__float_kernel(pt2__float_function_t function, int32_t dtype,
                       pt2__elementwise_kernel_t* kernel);

// The loops for one instruction set, NULL where there is none.
typedef pt2__elementwise_loop_fn pt2__float_loops_t[PT2__FLOAT_FUNCTIONS];
extern const pt2__float_loops_t pt2__float_loops_avx2;
extern const pt2__float_loops_t pt2__double_loops_avx2;
extern const pt2__float_loops_t pt2__bf16_loops_avx2;
extern const pt2__float_loops_t pt2__float_loops_avx512;
extern const pt2__float_loops_t pt2__double_loops_avx512;
extern const pt2__float_loops_t pt2__bf16_loops_avx512;

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_FLOAT_FUNCTIONS_H_
