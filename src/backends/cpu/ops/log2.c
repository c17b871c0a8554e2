// SPDX-License-Identifier: Apache-2.0
//
// aten::log2 of complex tensors. PyTorch compiles it for real ones: models call
// it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

PT2_COMPLEX_UNARY(log2, clogf(z) * 1.4426950408889634f,
                  clog(z) * 1.44269504088896340736, 40)
