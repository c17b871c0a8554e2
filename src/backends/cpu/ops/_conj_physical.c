// SPDX-License-Identifier: Apache-2.0
//
// aten::_conj_physical of complex tensors, by name.
#include "backends/cpu/kernels/complex/complex_loops.h"

PT2_COMPLEX_UNARY_OF(_conj_physical, PT2__COMPLEX_CONJ)
