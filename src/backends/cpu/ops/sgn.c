// SPDX-License-Identifier: Apache-2.0
//
// aten::sgn of complex tensors: the number on the unit circle with the same
// angle, or 0. PyTorch compiles it for real ones: models call it by name.
#include "backends/cpu/kernels/complex_numbers.h"

PT2_COMPLEX_UNARY(sgn, z == 0 ? 0 : z / cabsf(z), z == 0 ? 0 : z / cabs(z), 20)
