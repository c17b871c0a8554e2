// SPDX-License-Identifier: Apache-2.0
//
// Quantised linear layers, as PyTorch's onednn::qlinear_pointwise has them.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QLINEAR_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QLINEAR_H_

#include "ops/quantized.h"

// Computes into a new tensor, or, for the binary function "sum", into
// |args->other|, of which |*out_result| is then a new handle.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED, OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__qlinear(const pt2__quantized_args_t* args,
                                       pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_QUANTIZED_QLINEAR_H_
