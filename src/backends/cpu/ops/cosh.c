// SPDX-License-Identifier: Apache-2.0
//
// aten::cosh of complex tensors. PyTorch compiles it for real ones: models call
// it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

PT2_COMPLEX_UNARY(cosh, ccoshf(z), ccosh(z), 60)
