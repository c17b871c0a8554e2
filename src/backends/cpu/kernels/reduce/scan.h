// SPDX-License-Identifier: Apache-2.0
//
// Running sums and products along one dimension.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_SCAN_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_SCAN_H_

#include "ops/op.h"

typedef enum { PT2__SCAN_SUM, PT2__SCAN_PRODUCT } pt2__scan_t;

// A new row-major tensor with the running results of |self| along |dim|.
// |dtype| is the result's, NULL for i64 from integers and |self|'s otherwise.
// f32 is accumulated in double precision, f16 and bf16 in f32, as torch does.
PT2_MUST_USE pt2_status_t pt2__scan(pt2__scan_t kind, const pt2_tensor_t* self,
                                    int64_t dim, const int32_t* dtype,
                                    pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_SCAN_H_
