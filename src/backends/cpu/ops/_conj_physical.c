// SPDX-License-Identifier: Apache-2.0
//
// aten::_conj_physical of complex tensors, by name.
#include "backends/cpu/kernels/complex_numbers.h"

PT2_COMPLEX_UNARY(_conj_physical, conjf(z), conj(z), 2)
