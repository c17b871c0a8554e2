// SPDX-License-Identifier: Apache-2.0
//
// Largest elements along dimensions.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_MAXIMUM_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_MAXIMUM_H_

#include "ops/op.h"

// Raises |result|, which has values, to the largest elements of |self| along
// the dimensions that |reduced| is true for. |strides| are |result|'s in the
// dimensions of |self|, in elements, whatever they are in reduced ones. A NaN
// is larger than all. Both are of one dtype: bool, u8 to i64, f32 or f64.
void pt2__maximum(const pt2_tensor_t* self, const bool* reduced,
                  const int64_t* strides, pt2_tensor_t* result);

// A row: raises |count| elements at |to| to those at |from|; strides in bytes,
// 0 for a single one at |to|.
typedef void (*pt2__maximum_row_fn)(const char* from, int64_t from_stride,
                                    char* to, int64_t to_stride, int64_t count);

// The rows of one instruction set.
pt2__maximum_row_fn pt2__maximum_row_generic(int32_t dtype);
pt2__maximum_row_fn pt2__maximum_row_avx2(int32_t dtype);
pt2__maximum_row_fn pt2__maximum_row_avx512(int32_t dtype);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_MAXIMUM_H_
