// SPDX-License-Identifier: Apache-2.0
//
// aten::rsqrt of complex tensors. PyTorch compiles it for real ones: models
// call it by name.
#include "backends/cpu/kernels/complex_numbers.h"

PT2_COMPLEX_UNARY(rsqrt, 1 / csqrtf(z), 1 / csqrt(z), 30)
