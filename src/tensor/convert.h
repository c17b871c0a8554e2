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

#endif  // PT2_SRC_TENSOR_CONVERT_H_
