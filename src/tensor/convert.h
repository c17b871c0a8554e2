// SPDX-License-Identifier: Apache-2.0
//
// Conversion of runs of elements between dtypes.
#ifndef PT2_SRC_TENSOR_CONVERT_H_
#define PT2_SRC_TENSOR_CONVERT_H_

#include <stdint.h>

// Converts |count| elements as torch's copy_ does; strides are in bytes. The
// runs may not overlap. f4e2m1fnx2 cannot be converted.
void pt2__convert_run(int32_t target_dtype, void* target, int64_t target_stride,
                      int32_t source_dtype, const void* source,
                      int64_t source_stride, int64_t count);

// The same, for any processor and for those with AVX2 and F16C.
void pt2__convert_run_portable(int32_t target_dtype, void* target,
                               int64_t target_stride, int32_t source_dtype,
                               const void* source, int64_t source_stride,
                               int64_t count);
void pt2__convert_run_avx2(int32_t target_dtype, void* target,
                           int64_t target_stride, int32_t source_dtype,
                           const void* source, int64_t source_stride,
                           int64_t count);

// Transposes 8 x 8 elements of 4 bytes; strides of rows in bytes. AVX2.
void pt2__transpose_8x8x4_avx2(void* target, int64_t target_stride,
                               const void* source, int64_t source_stride);
// The same of a 4 x 4 tile of 8-byte elements.
void pt2__transpose_4x4x8_avx2(void* target, int64_t target_stride,
                               const void* source, int64_t source_stride);

#endif  // PT2_SRC_TENSOR_CONVERT_H_
