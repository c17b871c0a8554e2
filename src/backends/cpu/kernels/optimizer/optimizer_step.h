// SPDX-License-Identifier: Apache-2.0
//
// One step of an optimizer for a block of elements.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_OPTIMIZER_OPTIMIZER_STEP_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_OPTIMIZER_OPTIMIZER_STEP_H_

#include "backends/cpu/kernels/optimizer/optimizer.h"

// Elements that are brought together at a time.
#define PT2__OPTIMIZER_BLOCK 512

// The numbers of one parameter's step. They are rounded to the type that is
// computed with, which is float for f16 and bf16.
typedef struct {
  const pt2__optimizer_t* optimizer;
  double decay, rate;
  double keep1, add1, keep2, add2;
  double root;
} pt2__optimizer_step_t;

// |count| elements of each list, at most a block, from |from| to |to|, which
// may be the same.
void pt2__optimizer_step_f32(const pt2__optimizer_step_t* step, int64_t count,
                             const float* const* from, float* const* to);
void pt2__optimizer_step_f64(const pt2__optimizer_step_t* step, int64_t count,
                             const double* const* from, double* const* to);
#if defined(__x86_64__)
void pt2__optimizer_step_f32_avx2(const pt2__optimizer_step_t* step,
                                  int64_t count, const float* const* from,
                                  float* const* to);
void pt2__optimizer_step_f64_avx2(const pt2__optimizer_step_t* step,
                                  int64_t count, const double* const* from,
                                  double* const* to);
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_OPTIMIZER_OPTIMIZER_STEP_H_
