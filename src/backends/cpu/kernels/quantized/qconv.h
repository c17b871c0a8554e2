// SPDX-License-Identifier: Apache-2.0
//
// Quantised convolutions, as PyTorch's onednn::qconv_pointwise has them.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QCONV_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QCONV_H_

#include "ops/convolution.h"
#include "ops/quantized.h"

// Computes into a new channels-last tensor; the binary function "sum" writes to
// |args->other| too.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED, OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__qconv(const pt2__quantized_args_t* args,
                                     const pt2__conv_args_t* geometry,
                                     pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QCONV_H_
