// SPDX-License-Identifier: Apache-2.0
//
// aten::isnan of complex tensors: one of the parts is. PyTorch compiles it for
// real ones: models call it by name.
#include "backends/cpu/kernels/complex/complex_numbers.h"

PT2_COMPLEX_PREDICATE(isnan, z != z)
