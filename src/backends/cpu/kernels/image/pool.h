// SPDX-License-Identifier: Apache-2.0
//
// Poolings on the CPU: rows of the result, a set of loops for each instruction
// set, and the calls that spread them over threads.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_POOL_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_POOL_H_

#include "ops/pooling.h"

// Windows of fewer places in a row are pooled one by one.
#define PT2__POOL_FEW 4

// How averages are taken.
typedef struct {
  bool count_include_pad;
  int64_t divisor;  // 0: the number of elements
  // Sums of 16-bit floats are rounded after each addition, as PyTorch's loops
  // over volumes do.
  bool stepwise;
} pt2__pool_average_t;

// One row of the result. The input's strides are in elements; channels lie side
// by side (last) or columns do (first).
typedef struct {
  const pt2__pool_t* pool;
  const pt2__pool_average_t* average;
  const void* input;  // an image, or what one channel of it has
  int64_t plane_stride;
  int64_t row_stride;
  int64_t column_stride;
  int64_t plane;  // of the result
  int64_t row;    // of the result
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
  // 16-bit floats as floats, averages taken step by step.
  pt2__pool_rows_t average_f16, average_bf16;
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

// A new tensor like |output| in |dtype| as the rows of |pool| write it, or
// |output| itself if it is like that.
PT2_MUST_USE pt2_status_t pt2__pool_packed_result(const pt2__pool_t* pool,
                                                  pt2_tensor_t* output,
                                                  int32_t dtype,
                                                  pt2_tensor_t** out_packed);
// |input| in |dtype| in that form, a copy if it is not like that.
PT2_MUST_USE pt2_status_t pt2__pool_packed_input(const pt2__pool_t* pool,
                                                 const pt2_tensor_t* input,
                                                 int32_t dtype,
                                                 pt2_tensor_t** out_packed);
// Copies a packed result to |output| unless it is |output|'s own memory.
PT2_MUST_USE pt2_status_t pt2__pool_unpack(const pt2_tensor_t* packed,
                                           pt2_tensor_t* output);

// What |dtype| is computed in: 16-bit floats as floats.
int32_t pt2__pool_compute_dtype(int32_t dtype);
// PyTorch's kernels know fewer dtypes than the loops: shares of integers have
// no maximum and no average, volumes of 16-bit floats no average.
bool pt2__pool_is_supported(const pt2__pool_t* pool, int32_t dtype, bool max);
// Threads for |results| of the pooled tensor.
int pt2__pool_threads(const pt2__pool_t* pool, int64_t results);

// pt2__pool_run with new tensors for the results.
PT2_MUST_USE pt2_status_t pt2__pool_average(const pt2__pool_t* pool,
                                            const pt2_tensor_t* input,
                                            const pt2__pool_average_t* average,
                                            pt2_tensor_t** out_result);
PT2_MUST_USE pt2_status_t pt2__pool_max(const pt2__pool_t* pool,
                                        const pt2_tensor_t* input,
                                        pt2_tensor_t** out_values,
                                        pt2_tensor_t** out_indices);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_POOL_H_
