// SPDX-License-Identifier: Apache-2.0
//
// aten::exp2 of complex tensors. PyTorch compiles it for real ones: models call
// it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

PT2_COMPLEX_UNARY(exp2, cexpf(z * 0.6931471805599453f),
                  cexp(z * 0.69314718055994530942), 40)
