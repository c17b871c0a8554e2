// SPDX-License-Identifier: Apache-2.0
//
// What an instruction set gives to the matrix product: the innermost kernels,
// in a table. gemm.c divides a product into blocks and calls them.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_KERNEL_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_KERNEL_H_

#include <stdint.h>

// Element types of B. A, C and the accumulators are float, or double for
// PT2__GEMM_F64: smaller types of A and C are converted around the kernels.
typedef enum {
  PT2__GEMM_F32 = 0,
  PT2__GEMM_F64 = 1,
  PT2__GEMM_BF16 = 2,
  PT2__GEMM_F16 = 3,
} pt2__gemm_type_t;
#define PT2__GEMM_TYPES 4

// C = alpha * A @ B + beta * source for one block; strides in elements.
// |source| may be C itself, or NULL for none (C is then not read).
typedef struct {
  const void* a;
  int64_t a_rs, a_cs;
  const void* b;
  // Tile kernels: B is cut into panels of |nr| columns, |b_ps| apart; a
  // panel's rows are |b_rs| apart and have |nr| readable elements. Dot
  // kernels: column j of B starts at j * |b_ps| and is contiguous.
  int64_t b_rs, b_ps;
  void* c;
  int64_t c_rs, c_cs;  // tile kernels: |c_cs| is 1
  const void* source;
  int64_t source_rs, source_cs;  // tile kernels: |source_cs| is 0 or 1
  int64_t rows, columns, k;
  double alpha, beta;
} pt2__gemm_block_t;

typedef void (*pt2__gemm_block_fn)(const pt2__gemm_block_t* block);

typedef struct {
  // Rows and columns of a register tile, by type.
  int mr[PT2__GEMM_TYPES];
  int nr[PT2__GEMM_TYPES];
  pt2__gemm_block_fn tile[PT2__GEMM_TYPES];
  // For few rows (at most PT2__GEMM_DOT_ROWS a pass) against a B whose columns
  // are contiguous: reads B once, in its own layout.
  pt2__gemm_block_fn dot[PT2__GEMM_TYPES];
  // For one row of A (|a_cs| 1) against a B whose rows are contiguous,
  // |b_rs| apart (|b_ps| is ignored): reads whole lines of B.
  pt2__gemm_block_fn row[PT2__GEMM_TYPES];
  // Transposes |rows| x |columns| elements of 4 bytes: target[j * target_rs +
  // i] = source[i * source_rs + j].
  void (*transpose4)(const void* source, int64_t source_rs, void* target,
                     int64_t target_rs, int64_t rows, int64_t columns);
  // Conversion of |count| contiguous elements, for the two 16-bit types.
  void (*widen[PT2__GEMM_TYPES])(const uint16_t* source, float* target,
                                 int64_t count);
  void (*narrow[PT2__GEMM_TYPES])(const float* source, uint16_t* target,
                                  int64_t count);
} pt2__gemm_variant_t;

#define PT2__GEMM_DOT_ROWS 4

// The kernels of each level; a level that was not compiled is absent.
extern const pt2__gemm_variant_t pt2__gemm_portable;
#if defined(__x86_64__)
extern const pt2__gemm_variant_t pt2__gemm_avx2;
extern const pt2__gemm_variant_t pt2__gemm_avx512;
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_KERNEL_H_
