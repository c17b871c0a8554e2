// SPDX-License-Identifier: Apache-2.0
//
// aten::log10 of complex tensors. PyTorch compiles it for real ones: models
// call it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

PT2_COMPLEX_UNARY(log10, clogf(z) * 0.4342944819032518f,
                  clog(z) * 0.43429448190325182765, 40)
