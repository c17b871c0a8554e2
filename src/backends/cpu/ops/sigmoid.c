// SPDX-License-Identifier: Apache-2.0
//
// aten::sigmoid of complex tensors. PyTorch compiles it for real ones: models
// call it by name.
#include "backends/cpu/kernels/complex_numbers.h"

PT2_COMPLEX_UNARY(sigmoid, 1 / (1 + cexpf(-z)), 1 / (1 + cexp(-z)), 60)
