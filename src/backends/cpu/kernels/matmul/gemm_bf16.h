// SPDX-License-Identifier: Apache-2.0
//
// Matrix products of bfloat16 on CPUs that multiply them themselves.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_BF16_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_BF16_H_

#include <stddef.h>

#include "backends/cpu/kernels/matmul/gemm.h"

// Whether this CPU has the instructions, and the kernels of its level are the
// ones in use.
bool pt2__gemm_bf16_available(void);

// Bytes of a B in panels of pairs of rows.
size_t pt2__gemm_bf16_panel_bytes(int64_t k, int64_t n);
// Packs B (strides in elements) for pt2__gemm_bf16.
void pt2__gemm_bf16_pack(const void* b, int64_t b_rs, int64_t b_cs, int64_t k,
                         int64_t n, void* panels);

// The product, of PT2_DTYPE_BF16. |panels|: a packed B for the whole batch, or
// NULL.
//
// Errors: OUT_OF_MEMORY  C is untouched
PT2_MUST_USE pt2_status_t pt2__gemm_bf16(const pt2__gemm_t* gemm,
                                         const void* panels);

// The product of few rows, contiguous ones, with a B of contiguous columns,
// which is read where it lies; whether |gemm| is one, and the CPU can.
bool pt2__gemm_bf16_dots_suit(const pt2__gemm_t* gemm);
void pt2__gemm_bf16_dots(const pt2__gemm_t* gemm);
// The same for one row and a B of contiguous rows.
bool pt2__gemm_bf16_lines_suit(const pt2__gemm_t* gemm);
void pt2__gemm_bf16_lines(const pt2__gemm_t* gemm);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_BF16_H_
