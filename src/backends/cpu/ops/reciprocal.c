// SPDX-License-Identifier: Apache-2.0
//
// aten::reciprocal of complex tensors. PyTorch compiles it for real ones:
// models call it by name.
#include "backends/cpu/kernels/complex/complex_loops.h"

PT2_COMPLEX_UNARY_OF(reciprocal, PT2__COMPLEX_RECIPROCAL)
