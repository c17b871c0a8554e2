// SPDX-License-Identifier: Apache-2.0
//
// Poolings on the CPU: rows of the result, a set of loops for each instruction
// set, and the calls that spread them over threads.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_POOL_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_POOL_H_

#include "ops/pooling.h"

// How averages are taken.
typedef struct {
  bool count_include_pad;
  bool adaptive;    // windows are shares of the input
  int64_t divisor;  // 0: the number of elements
} pt2__pool_average_t;

// One row of the result. The input's row and column strides are in elements;
// channels lie side by side (last) or columns do (first).
typedef struct {
  const pt2__pool_t* pool;
  const pt2__pool_average_t* average;
  const void* input;  // an image, or a plane of one channel
  int64_t row_stride;
  int64_t column_stride;
  int64_t row;  // of the result
  void* output;
  int64_t* indices;
} pt2__pool_row_t;

typedef void (*pt2__pool_row_fn)(const pt2__pool_row_t* row);

typedef struct {
  pt2__pool_row_fn first;  // a channel's row: columns side by side
  pt2__pool_row_fn last;   // all channels' row
} pt2__pool_rows_t;

typedef struct {
  pt2__pool_rows_t max_f32, max_f64, max_i64, max_i32, max_i16, max_i8, max_u8;
  pt2__pool_rows_t average_f32, average_f64, average_i64;
} pt2__pool_kernels_t;

extern const pt2__pool_kernels_t pt2__pool_kernels_generic;
#if defined(__x86_64__)
extern const pt2__pool_kernels_t pt2__pool_kernels_avx2;
#endif

// Runs |pool| over |input| into |output|; |indices| (int64, like the output)
// for maxima, |average| for averages, the other NULL.
//
// Errors: UNSUPPORTED (dtype), OUT_OF_MEMORY.
PT2_MUST_USE pt2_status_t pt2__pool_run(const pt2__pool_t* pool,
                                        const pt2_tensor_t* input,
                                        const pt2__pool_average_t* average,
                                        pt2_tensor_t* output,
                                        pt2_tensor_t* indices);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_POOL_H_
