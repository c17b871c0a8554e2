// SPDX-License-Identifier: Apache-2.0
//
// B in panels: what the tile kernels read along.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_PACK_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_PACK_H_

#include "backends/cpu/kernels/matmul/gemm.h"

// Bytes of a B that are packed together where it is not kept, by each thread.
#define PT2__GEMM_BLOCK_B_BYTES (2 * 1024 * 1024)

// A constant B: panel p holds columns p * nr on, row by row, zeros beyond the
// last column. For bfloat16 on CPUs with instructions for it: in the form of
// gemm_bf16.h.
typedef struct pt2__gemm_panels_t {
  pt2__packed_t base;
  const pt2__gemm_variant_t* variant;  // whose tiles they are for
  pt2__gemm_type_t type;
  bool pairs;  // pairs of rows, for pt2__gemm_bf16
  size_t bytes;
  void* data;
} pt2__gemm_panels_t;

// Packs |columns| columns of |k| rows from |b| (strides in elements of
// |element| bytes) into panels of |nr|.
void pt2__gemm_pack_panels(const pt2__gemm_variant_t* variant, const void* b,
                           int64_t b_rs, int64_t b_cs, int64_t k,
                           int64_t columns, int nr, size_t element,
                           void* panels);

// Bytes of an element.
static inline size_t pt2__gemm_type_bytes(pt2__gemm_type_t type) {
  return type == PT2__GEMM_F64 ? 8 : type == PT2__GEMM_F32 ? 4 : 2;
}

// The kernels' number for |dtype|; false if they do not have it.
bool pt2__gemm_type_of(int32_t dtype, pt2__gemm_type_t* out_type);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_MATMUL_GEMM_PACK_H_
