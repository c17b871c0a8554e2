// SPDX-License-Identifier: Apache-2.0
//
// Eigenvalues of general matrices by LAPACK's geev (docs/adr/0009-lapack.md).
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_EIGEN_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_EIGEN_H_

#include "ops/linalg.h"

// Eigenvalues of the square matrices |self|, complex, row-major, and their
// eigenvectors column by column; |out_vectors| NULL: not wanted. |name| is
// PyTorch's ("linalg.eig").
//
// Errors: INVALID_ARGUMENT  no square matrices, a dtype without a kernel,
//                           numbers that are not finite, no convergence
//         UNSUPPORTED       sizes beyond 32 bits; LAPACK is not installed
PT2_MUST_USE pt2_status_t pt2__eigen(const pt2_tensor_t* self, const char* name,
                                     pt2_tensor_t** out_values,
                                     pt2_tensor_t** out_vectors);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_EIGEN_H_
