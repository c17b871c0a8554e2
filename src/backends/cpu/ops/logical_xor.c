// SPDX-License-Identifier: Apache-2.0
//
// aten::logical_xor of complex tensors. PyTorch compiles it for real ones:
// models call it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

PT2_COMPLEX_COMPARISON(logical_xor, "aten::logical_xor", false,
                       (a != 0) != (b != 0))
