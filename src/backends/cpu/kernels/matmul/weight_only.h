// SPDX-License-Identifier: Apache-2.0
//
// Products with weights of few bits: y = x @ w^T in float, where w[n, k] is a
// small integer times a scale (and, for 4 bits, plus a zero).
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_WEIGHT_ONLY_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_WEIGHT_ONLY_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

// Both are row-major; |y| overlaps nothing.
typedef struct {
  int64_t m, n, k;
  const float* x;  // m x k
  float* y;        // m x n
} pt2__weight_only_t;

// |weight| is n x k, |scales| has one value for each of its rows.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__weight_only_int8(const pt2__weight_only_t* call,
                                                const int8_t* weight,
                                                const float* scales);

// Numbers of 4 bits in the layout of _convert_weight_to_int4pack_for_cpu:
// blocks of |block| columns (the last one may be smaller), of each k bytes for
// one row of the block after the other. A byte of a whole block has the columns
// j and j + block / 2 if |halves|, else, and in smaller blocks, 2 * j and 2 * j
// + 1.
typedef struct {
  const uint8_t* bytes;
  int64_t block;
  bool halves;
  int64_t group;              // rows of k that share a scale and a zero
  const float* scales_zeros;  // [ceil(k / group)][n][2]
} pt2__weight_only_int4_t;

// |n| is a multiple of 16.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__weight_only_int4(
    const pt2__weight_only_t* call, const pt2__weight_only_int4_t* weight);

// ---- Kernels ---------------------------------------------------------------

// Rows of x that one pass over the weights serves.
#define PT2__WEIGHT_ONLY_ROWS 4

// One block of 4-bit columns.
typedef struct {
  const float* x;
  int64_t x_rs, k, group;
  const uint8_t* bytes;  // [k][half]
  int64_t half;
  const float* scales;  // [groups][4][half]: scale and zero of the numbers in
                        // the low bits, then of those in the high bits; a
                        // number of 0 to 15 is multiplied and added to
  float* sums;          // [rows][2][half]
} pt2__weight_only_block_t;

typedef struct {
  // sums[r * columns + c] = x[r] . weight[c] for up to ROWS rows, 8 columns.
  void (*dot8)(int rows, int columns, const float* x, int64_t x_rs,
               const int8_t* weight, int64_t k, float* sums);
  // For 1 to ROWS rows; |half| is a multiple of 8.
  void (*block4)(int rows, const pt2__weight_only_block_t* block);
  // target[i] = source[i] * scale.
  void (*widen8)(const int8_t* source, float scale, float* target,
                 int64_t count);
  // low[i] and high[i] from bytes[i], as in a block; |scales| is [4][half].
  void (*widen4)(const uint8_t* bytes, int64_t half, const float* scales,
                 float* low, float* high);
} pt2__weight_only_kernels_t;

extern const pt2__weight_only_kernels_t pt2__weight_only_generic;
#if defined(__x86_64__)
extern const pt2__weight_only_kernels_t pt2__weight_only_avx2;
extern const pt2__weight_only_kernels_t pt2__weight_only_avx512;
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_WEIGHT_ONLY_H_
