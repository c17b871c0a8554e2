// SPDX-License-Identifier: Apache-2.0
//
// aten::isinf of complex tensors: one of the parts is. PyTorch compiles it for
// real ones: models call it by name.
#include <math.h>

#include "backends/cpu/kernels/complex/complex_numbers.h"

PT2_COMPLEX_PREDICATE(isinf, isinf(creal(z)) || isinf(cimag(z)))
