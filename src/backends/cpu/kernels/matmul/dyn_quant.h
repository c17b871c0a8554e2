// SPDX-License-Identifier: Apache-2.0
//
// Products of rows that are quantised to 8 bits on the way with weights of 4
// bits.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_DYN_QUANT_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_DYN_QUANT_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

typedef struct {
  int64_t m, n, k;
  int64_t group;        // numbers of a row that share a scale; divides k
  const float* x;       // m x k
  const float* bytes;   // n rows of k / 2 bytes, each as a float: 4 bits of an
                        // even number, 4 of an odd one, both less 8
  const float* scales;  // n x (k / group)
  const float* bias;    // n; NULL: none
  float* y;             // m x n
} pt2__dyn_quant_t;

// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__dyn_quant(const pt2__dyn_quant_t* call);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_DYN_QUANT_H_
