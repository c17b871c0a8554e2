// SPDX-License-Identifier: Apache-2.0
//
// aten::sqrt of complex tensors. PyTorch compiles it for real ones: models call
// it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

PT2_COMPLEX_UNARY(sqrt, csqrtf(z), csqrt(z), 20)
