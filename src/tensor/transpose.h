// SPDX-License-Identifier: Apache-2.0
//
// Transposition of matrices in memory. Strides are in bytes.
#ifndef PT2_SRC_TENSOR_TRANSPOSE_H_
#define PT2_SRC_TENSOR_TRANSPOSE_H_

#include <stdint.h>

// Fills |rows| of |to|, |columns| elements each, from |from|, which has them
// the other way round. Elements are of 1, 2, 4, 8 or 16 bytes and lie side by
// side in the rows of both; they need not be aligned.
void pt2__transpose_run(char* to, int64_t to_stride, const char* from,
                        int64_t from_stride, int64_t element_bytes,
                        int64_t rows, int64_t columns);

// Transposes 8 x 8 elements of 4 bytes; strides of rows in bytes. AVX2.
void pt2__transpose_8x8x4_avx2(void* target, int64_t target_stride,
                               const void* source, int64_t source_stride);
// The same of a 4 x 4 tile of 8-byte elements.
void pt2__transpose_4x4x8_avx2(void* target, int64_t target_stride,
                               const void* source, int64_t source_stride);

#endif  // PT2_SRC_TENSOR_TRANSPOSE_H_
