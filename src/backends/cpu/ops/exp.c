// SPDX-License-Identifier: Apache-2.0
//
// aten::exp of complex tensors. PyTorch compiles it for real ones: models call
// it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

PT2_COMPLEX_UNARY(exp, cexpf(z), cexp(z), 40)
