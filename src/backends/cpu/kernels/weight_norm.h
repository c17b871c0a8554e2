// SPDX-License-Identifier: Apache-2.0
//
// A row of the gradient of weight_norm.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_WEIGHT_NORM_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_WEIGHT_NORM_H_

#include <stdbool.h>
#include <stdint.h>

// The gradients of |count| elements |v| and of their |g|, all double if |wide|,
// else float. |grad_v| may be |grad_w|.
typedef void (*pt2__weight_norm_row_fn)(bool wide, int64_t count,
                                        const void* grad_w, const void* v,
                                        const void* g, const void* norm,
                                        void* grad_v, void* grad_g);

// The rows of one instruction set.
void pt2__weight_norm_row_generic(bool wide, int64_t count, const void* grad_w,
                                  const void* v, const void* g,
                                  const void* norm, void* grad_v, void* grad_g);
void pt2__weight_norm_row_avx2(bool wide, int64_t count, const void* grad_w,
                               const void* v, const void* g, const void* norm,
                               void* grad_v, void* grad_g);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_WEIGHT_NORM_H_
