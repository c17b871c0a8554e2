// SPDX-License-Identifier: Apache-2.0
//
// Products of 8-bit integers, exact in 32 bits, and what makes their sums the
// values of a quantised operator. On CPUs with instructions for it also the
// products of bfloat16 (gemm_bf16.h), whose pairs lie as groups of bytes do.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QGEMM_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QGEMM_H_

#include <stdbool.h>
#include <stdint.h>

#include "backends/cpu/kernels/matmul/quad.h"
#include "tensor/tensor.h"

// Rows and columns of a register tile, for every instruction set.
#define PT2__QGEMM_MR 6
#define PT2__QGEMM_NR 16
// Columns that are finished together.
#define PT2__QGEMM_COLUMNS 64

// A weight in panels: for each of |groups| groups a matrix of k x n, and the
// sums of all columns.
typedef struct {
  pt2__packed_t base;
  int64_t groups, k, n;
  size_t group_bytes, bytes;
  int8_t* panels;
  int32_t* sums;  // [groups][n]
  int32_t reach;
} pt2__qgemm_weight_t;

// Packs a matrix [k, n] of int8, or, if |groups| is not 0, the weight of a
// convolution [groups * n, channels, ...], whose k runs over the kernel's taps
// and the channels of each. A constant is packed once and kept; else
// |*out_owned| is to be given back.
//
// Errors: OUT_OF_MEMORY; INVALID_ARGUMENT  too large for any memory
PT2_MUST_USE pt2_status_t pt2__qgemm_weight_get(
    const pt2_tensor_t* tensor, int64_t groups,
    const pt2__qgemm_weight_t** out_weight, pt2__qgemm_weight_t** out_owned);
// The same of a convolution for rows of A that are gathered, and so have what
// the CPU likes best behind them: k goes on over zeros.
PT2_MUST_USE pt2_status_t pt2__qgemm_weight_get_filled(
    const pt2_tensor_t* tensor, int64_t groups,
    const pt2__qgemm_weight_t** out_weight, pt2__qgemm_weight_t** out_owned);
void pt2__qgemm_weight_release(pt2__qgemm_weight_t* owned);

// Packs |b| (strides in elements) into panels of NR columns: for each four rows
// the four values of each column side by side, zeros beyond the edges. Writes
// the sum of each column to |sums|.
// Returns b's reach: times a number >= 0, a bound of what it and any other at
// most as great make of two values of a column that are multiplied together.
int32_t pt2__qgemm_pack(const int8_t* b, int64_t b_rs, int64_t b_cs, int64_t k,
                        int64_t n, int8_t* panels, int32_t* sums);

// Copies |count| rows of A from |row| on to |rows|, side by side.
typedef void (*pt2__qgemm_gather_fn)(const void* context, int64_t row,
                                     int64_t count, uint8_t* rows);
// Takes |count| (at most COLUMNS) sums from (row, column) on; for bfloat16 they
// are floats. Any thread, each element once.
typedef void (*pt2__qgemm_finish_fn)(const void* context, const int32_t* sums,
                                     int64_t count, int64_t row,
                                     int64_t column);

// The same for |rows| rows of them, COLUMNS apart.
typedef void (*pt2__qgemm_finish_rows_fn)(const void* context,
                                          const int32_t* sums, int64_t rows,
                                          int64_t count, int64_t row,
                                          int64_t column);

typedef struct {
  int64_t m, n, k;        // k: bytes, also of bfloat16
  pt2__quad_type_t type;  // BF16 only where pt2__quad_kernels has it
  // Rows of k bytes, |a_rs| apart; or, where they must be put together,
  // |gather|.
  const void* a;
  int64_t a_rs;
  pt2__qgemm_gather_fn gather;
  const void* gather_context;
  const int8_t* panels;
  int32_t reach;               // of the panels
  const int32_t* column_sums;  // of the panels; not needed but for S8
  pt2__qgemm_finish_fn finish;
  pt2__qgemm_finish_rows_fn finish_rows;  // not NULL: instead of |finish|
  const void* finish_context;
  // For BF16, if |finish| does no more than round: C, in contiguous rows
  // |rounded_rs| elements apart, for kernels that can. Else NULL.
  uint16_t* rounded;
  int64_t rounded_rs;
} pt2__qgemm_t;

// Errors: OUT_OF_MEMORY  before anything is finished
PT2_MUST_USE pt2_status_t pt2__qgemm(const pt2__qgemm_t* qgemm);

// The same for callers that have the memory, so that nothing can fail: on so
// many |threads| (which pay if they are pt2__qgemm_threads or fewer), in |work|
// of as many bytes as pt2__qgemm_work_bytes says, whatever n is. m and n are
// not 0.
int pt2__qgemm_threads(int64_t m, int64_t n, int64_t k);
size_t pt2__qgemm_work_bytes(const pt2__qgemm_t* qgemm, int threads);
void pt2__qgemm_in(const pt2__qgemm_t* qgemm, int threads, void* work);

// ---- Kernels ---------------------------------------------------------------

typedef struct {
  // One panel of |columns| (1 to NR) columns: pt2__qgemm_pack.
  void (*pack)(const int8_t* b, int64_t b_rs, int64_t b_cs, int64_t k,
               int64_t columns, int8_t* panel);
  // The sums of a panel's |columns| columns; returns its reach.
  int32_t (*measure)(const int8_t* panel, int64_t quads, int64_t columns,
                     int32_t* sums);
  // sums[r * sums_rs + c] for |rows| (1 to MR) rows and one panel. |a| has
  // 4 * quads values for each row.
  void (*tile)(int rows, int64_t quads, const int16_t* a, const int8_t* panel,
               int32_t* sums, int64_t sums_rs);
  // The same for rows of bytes, |a_rs| apart, if the sums of two products fit
  // into 16 bits: the greatest value times the panels' reach does.
  void (*small_tile)(int rows, int64_t quads, const uint8_t* a, int64_t a_rs,
                     const int8_t* panel, int32_t* sums, int64_t sums_rs);
  uint8_t (*largest)(const uint8_t* values, int64_t count);
  // to[i] = from[i], and zeros up to a multiple of four.
  void (*widen)(const uint8_t* from, bool is_signed, int64_t count,
                int16_t* to);
} pt2__qgemm_kernels_t;

const pt2__qgemm_kernels_t* pt2__qgemm_kernels(void);

extern const pt2__qgemm_kernels_t pt2__qgemm_generic;
#if defined(__x86_64__)
extern const pt2__qgemm_kernels_t pt2__qgemm_avx2;
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QGEMM_H_
