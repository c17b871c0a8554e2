// SPDX-License-Identifier: Apache-2.0
//
// aten::sin of complex tensors. PyTorch compiles it for real ones: models call
// it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

PT2_COMPLEX_UNARY(sin, csinf(z), csin(z), 60)
