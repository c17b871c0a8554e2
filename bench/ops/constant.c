// SPDX-License-Identifier: Apache-2.0
//
// For the cases of operators whose weight a model keeps: PyTorch times them
// with a weight that it packed before.
#include "tensor/tensor.h"

#pragma GCC visibility push(default)
void bench_make_constant(pt2_tensor_t* tensor);
#pragma GCC visibility pop

// |tensor|'s bytes never change from now on, as those of a model's constants.
void bench_make_constant(pt2_tensor_t* tensor) {
  tensor->storage->immutable = true;
}
