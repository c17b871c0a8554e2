// SPDX-License-Identifier: Apache-2.0
//
// Upsampling with antialiasing: one dimension after the other.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_UPSAMPLE_ANTIALIAS_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_UPSAMPLE_ANTIALIAS_H_

#include "ops/boxed.h"
#include "ops/upsample.h"

// The operator of arguments (Tensor self, SymInt[2] output_size, bool
// align_corners, float? scales_h, float? scales_w).
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype), OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__upsample_antialias_boxed(
    const pt2__boxed_t* boxed, pt2__upsample_filter_t filter,
    pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_UPSAMPLE_ANTIALIAS_H_
