// SPDX-License-Identifier: Apache-2.0
//
// Sums of rows of floats, taken in double.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_SUMS_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_SUMS_H_

#include <stdint.h>

// Element i is added to sum i % PT2__SUM_LANES, for any instruction set.
#define PT2__SUM_LANES 16

typedef struct {
  double lanes[PT2__SUM_LANES];
} pt2__sums_t;

typedef struct {
  // Adds |count| elements, or the squares of their distances from |means|
  // (PT2__SUM_LANES of them), or their absolute values.
  void (*plain)(const float* from, int64_t count, pt2__sums_t* sums);
  void (*squares)(const float* from, int64_t count, const double* means,
                  pt2__sums_t* sums);
  void (*absolutes)(const float* from, int64_t count, pt2__sums_t* sums);
  // Adds element i to to[i].
  void (*apart)(const float* from, int64_t count, double* to);
} pt2__sum_functions_t;

extern const pt2__sum_functions_t pt2__sum_functions_generic;
extern const pt2__sum_functions_t pt2__sum_functions_avx2;

// The ones for this processor.
const pt2__sum_functions_t* pt2__sum_functions(void);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_SUMS_H_
