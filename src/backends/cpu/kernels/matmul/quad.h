// SPDX-License-Identifier: Apache-2.0
//
// Products on instructions that multiply four bytes with four bytes, or two
// bfloat16 with two, and add what comes out to a 32-bit sum: AVX-512's VNNI,
// AMX, and AVX-512's BF16 beside it. Source of AMX: Intel 64 and IA-32
// Architectures Software Developer's Manual, volume 1, chapter "Programming
// with Intel AMX".
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_QUAD_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_QUAD_H_

#include <stdbool.h>
#include <stdint.h>

// Columns of a panel, and of what a kernel computes at most.
#define PT2__QUAD_PANEL_COLUMNS 16
#define PT2__QUAD_COLUMNS 64
// Bytes of a panel's four rows (of bytes; two of bfloat16).
#define PT2__QUAD_BYTES 64
// Rows of all kernels divide it.
#define PT2__QUAD_ROWS 96

// What A holds. B holds int8 for the first two; the sums are int32_t, which
// wrap, or float. Numbers of bfloat16 that are not normal count as zero.
typedef enum {
  PT2__QUAD_U8 = 0,
  PT2__QUAD_S8 = 1,
  PT2__QUAD_BF16 = 2,
} pt2__quad_type_t;
#define PT2__QUAD_TYPES 3

typedef struct {
  int rows;       // 1 to the kernels' rows
  int panels;     // 1 to COLUMNS / PANEL_COLUMNS
  int64_t quads;  // groups of four bytes in a row of A
  // Rows |a_rs| bytes apart.
  const uint8_t* a;
  int64_t a_rs;
  // Panels of |quads| * QUAD_BYTES, one after another: of each group of rows
  // the four bytes of column 0, those of column 1, and so on.
  const int8_t* b;
  // Columns that B has: the last panel's others are zeros.
  int columns;
  // For S8: the sum of each.
  const int32_t* column_sums;
  // sums[row * COLUMNS + column], for all columns of the panels.
  void* sums;
  // Kernels that round: if it is not NULL, the sums of B's columns go here
  // instead, as bfloat16, in rows |rounded_rs| elements apart.
  uint16_t* rounded;
  int64_t rounded_rs;
} pt2__quad_block_t;

// Rows of A and columns of B at most, of products without panels.
#define PT2__QUAD_DOTS_ROWS 4
#define PT2__QUAD_DOTS_COLUMNS 16

typedef struct {
  int rows;       // 1 to DOTS_ROWS
  int columns;    // 1 to DOTS_COLUMNS
  int64_t bytes;  // of a row and of a column, contiguous
  const uint8_t* a;
  int64_t a_rs;
  const uint8_t* b;
  int64_t b_cs;
  const int32_t* row_sums;  // for S8: of each row of A
  // sums[row * DOTS_COLUMNS + column]
  void* sums;
} pt2__quad_dots_t;

#define PT2__QUAD_LINES 128

// All kernels' few_rows are at most so many.
#define PT2__QUAD_FEW_ROWS 24

typedef struct {
  int rows;
  bool rounds;  // the sums of bfloat16, if wanted
  // Up to so many rows of A products without panels are faster than packing B.
  int few_rows;
  // NULL for what the CPU does not have.
  void (*tile[PT2__QUAD_TYPES])(const pt2__quad_block_t* block);
  void (*dots[PT2__QUAD_TYPES])(const pt2__quad_dots_t* dots);
  // For bfloat16: the products' sums of one row and |columns| (1 to LINES) of a
  // B whose rows are contiguous and |b_rs| elements apart. |sums| has room for
  // LINES.
  void (*lines)(const uint16_t* a, int64_t k, const uint16_t* b, int64_t b_rs,
                int columns, float* sums);
  // to[i] = alpha * sums[i] + beta * source[i], as bfloat16; |source| NULL: no
  // such term.
  void (*round)(const float* sums, float alpha, const uint16_t* source,
                float beta, int64_t count, uint16_t* to);
  // The sums of |columns| columns of a panel of bytes.
  void (*sum_columns)(const int8_t* panel, int64_t quads, int columns,
                      int32_t* sums);
} pt2__quad_kernels_t;

// Those of this CPU; NULL if it has no such instructions.
const pt2__quad_kernels_t* pt2__quad_kernels(void);

// Packs the first |quads| groups of four bytes of PANEL_COLUMNS columns, whose
// bytes are contiguous and which are |column_bytes| apart.
void pt2__quad_turn(const void* b, int64_t column_bytes, int64_t quads,
                    int8_t* panel);

// Packs |columns| (1 to PANEL_COLUMNS) columns of |k| rows of bfloat16
// (strides in elements) into one panel, zeros beyond them.
void pt2__quad_pack_pairs(const uint16_t* b, int64_t b_rs, int64_t b_cs,
                          int64_t k, int64_t columns, int8_t* panel);

#if defined(__x86_64__)
// The kernels by themselves: each needs the level of the CPU that its name has,
// takes up to 6 rows, those of AMX up to 32 and leave a few rows to the others.
void pt2__quad_vnni_u8(const pt2__quad_block_t* block);
void pt2__quad_vnni_s8(const pt2__quad_block_t* block);
void pt2__quad_bf16(const pt2__quad_block_t* block);
void pt2__quad_vnni_sum_columns(const int8_t* panel, int64_t quads, int columns,
                                int32_t* sums);
void pt2__quad_vnni_dots_u8(const pt2__quad_dots_t* dots);
void pt2__quad_vnni_dots_s8(const pt2__quad_dots_t* dots);
void pt2__quad_bf16_lines(const uint16_t* a, int64_t k, const uint16_t* b,
                          int64_t b_rs, int columns, float* sums);
void pt2__quad_bf16_round(const float* sums, float alpha,
                          const uint16_t* source, float beta, int64_t count,
                          uint16_t* to);
void pt2__quad_vnni_turn(const int8_t* b, int64_t column_bytes, int64_t quads,
                         int8_t* panel);
void pt2__quad_bf16_dots(const pt2__quad_dots_t* dots);
void pt2__quad_amx_u8(const pt2__quad_block_t* block);
void pt2__quad_amx_s8(const pt2__quad_block_t* block);
void pt2__quad_amx_bf16(const pt2__quad_block_t* block);
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_QUAD_H_
