// SPDX-License-Identifier: Apache-2.0
//
// Product of int8 matrices in int32; the first may be uint8.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_INT_MM_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_INT_MM_H_

#include <stdbool.h>
#include <stdint.h>

#include "ops/matmul.h"

// Computes |matmul|, checked by pt2__matmul_int_mm. A constant second operand
// is packed once and kept in its storage. Threads: any.
//
// Errors: OUT_OF_MEMORY  the output is untouched
PT2_MUST_USE pt2_status_t pt2__int_mm(const pt2__matmul_t* matmul);

// ---- Kernels of an instruction set ------------------------------------------

// C (+)= A @ B for at most |mr| rows and |nr| columns. Rows come in pairs: A
// has |pairs| of them in a row as int16, B [pairs][nr][2] as int8.
typedef struct {
  const int16_t* a;
  int64_t a_rs;
  const int8_t* b;
  int64_t pairs;
  int32_t* c;
  int64_t c_rs;
  int rows;
  bool add;  // to what C has
} pt2__int_mm_tile_t;

typedef struct {
  int mr, nr;
  void (*tile)(const pt2__int_mm_tile_t* tile);
  // Sum of |count| products.
  int32_t (*dot)(const int16_t* a, const int8_t* b, int64_t count);
} pt2__int_mm_kernels_t;

// Rows of the largest tile, columns of the widest.
#define PT2__INT_MM_MOST_ROWS 12
#define PT2__INT_MM_MOST_COLUMNS 32

extern const pt2__int_mm_kernels_t pt2__int_mm_generic;
#if defined(__x86_64__)
extern const pt2__int_mm_kernels_t pt2__int_mm_avx2;
extern const pt2__int_mm_kernels_t pt2__int_mm_avx512;
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_INT_MM_H_
