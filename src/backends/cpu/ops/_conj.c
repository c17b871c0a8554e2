// SPDX-License-Identifier: Apache-2.0
//
// aten::_conj of complex tensors, by name. PyTorch's result is a view that says
// so; here it is the conjugate itself, with the strides of a new result.
#include "backends/cpu/kernels/complex/complex_loops.h"

PT2_COMPLEX_UNARY_OF(_conj, PT2__COMPLEX_CONJ)
