// SPDX-License-Identifier: Apache-2.0
//
// Exponentials of matrices.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_MATRIX_EXP_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_MATRIX_EXP_H_

#include "ops/linalg.h"

// The exponentials of |a|, row-major square matrices of at least two rows, f32,
// f64, complex64 or complex128, into |result|, which lies as |a|.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__matrix_exp(const pt2_tensor_t* a,
                                          pt2_tensor_t* result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_MATRIX_EXP_H_
