// SPDX-License-Identifier: Apache-2.0
//
// A row of the gradient of weight_norm.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_WEIGHT_NORM_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_WEIGHT_NORM_H_

#include <stdint.h>

// The gradients of |count| elements |v| of |dtype|, f32, f64 or bf16, and of
// their |g|. |g|, |norm| and |grad_g| are double for f64, else float. |grad_v|
// may be |grad_w|.
typedef void (*pt2__weight_norm_row_fn)(int32_t dtype, int64_t count,
                                        const void* grad_w, const void* v,
                                        const void* g, const void* norm,
                                        void* grad_v, void* grad_g);

// The rows of one instruction set.
void pt2__weight_norm_row_generic(int32_t dtype, int64_t count,
                                  const void* grad_w, const void* v,
                                  const void* g, const void* norm, void* grad_v,
                                  void* grad_g);
void pt2__weight_norm_row_avx2(int32_t dtype, int64_t count, const void* grad_w,
                               const void* v, const void* g, const void* norm,
                               void* grad_v, void* grad_g);
void pt2__weight_norm_row_avx512(int32_t dtype, int64_t count,
                                 const void* grad_w, const void* v,
                                 const void* g, const void* norm, void* grad_v,
                                 void* grad_g);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_WEIGHT_NORM_H_
