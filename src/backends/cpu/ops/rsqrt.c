// SPDX-License-Identifier: Apache-2.0
//
// aten::rsqrt of complex tensors. PyTorch compiles it for real ones: models
// call it by name.
#include "backends/cpu/kernels/complex/complex_loops.h"

PT2_COMPLEX_UNARY_OF(rsqrt, PT2__COMPLEX_RSQRT)
