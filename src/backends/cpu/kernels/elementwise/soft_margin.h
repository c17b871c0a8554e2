// SPDX-License-Identifier: Apache-2.0
//
// Gradient of the soft margin loss.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_SOFT_MARGIN_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_SOFT_MARGIN_H_

#include "backends/cpu/kernels/elementwise/elementwise.h"

typedef struct {
  double scale;  // -norm
} pt2__soft_margin_t;

// A loop of grad_output, self and target whose context is a pt2__soft_margin_t,
// for f16 and bf16 (which it reads and writes as floats), f32 and f64; NULL for
// other dtypes.
pt2__elementwise_loop_fn pt2__soft_margin_loop(int32_t dtype);

// The loops of one instruction set.
pt2__elementwise_loop_fn pt2__soft_margin_loop_generic(int32_t dtype);
pt2__elementwise_loop_fn pt2__soft_margin_loop_avx2(int32_t dtype);
pt2__elementwise_loop_fn pt2__soft_margin_loop_avx512(int32_t dtype);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_ELEMENTWISE_SOFT_MARGIN_H_
