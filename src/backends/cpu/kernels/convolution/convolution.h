// SPDX-License-Identifier: Apache-2.0
//
// Convolution on the CPU, as the operators call it.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONVOLUTION_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONVOLUTION_H_

#include "backends/cpu/kernels/convolution/conv_direct.h"
#include "ops/convolution.h"

// What PyTorch would compute with on this CPU for tensors of |dtype|.
pt2__conv_host_t pt2__conv_host(int32_t dtype);

// Something done to each result. It sees float for every 16- and 32-bit
// floating dtype, double for f64.
typedef struct {
  pt2__conv_epilogue_fn apply;
  const void* context;
} pt2__conv_finish_t;

// Computes |conv| into |output|, whose sizes and strides are the
// convolution's. |finish| may be NULL.
//
// Errors: OUT_OF_MEMORY; |output| is then undefined.
PT2_MUST_USE pt2_status_t pt2__conv_forward(const pt2__conv_t* conv,
                                            const pt2_tensor_t* input,
                                            const pt2_tensor_t* weight,
                                            const pt2_tensor_t* bias,
                                            const pt2__conv_finish_t* finish,
                                            pt2_tensor_t* output);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_CONVOLUTION_CONVOLUTION_H_
