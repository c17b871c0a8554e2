# SPDX-License-Identifier: Apache-2.0
import torch
from harness import ALL_COMPLEX, Bad, op

op("aten::sub.Tensor", aten=torch.ops.aten.sub.Tensor,
   dtypes=ALL_COMPLEX)


def samples(make):
    for sizes in [(7,), (3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield x, make(*sizes), 1
            yield x, x, 1
    yield make(2, 1), make(1, 3), 1
    yield make(3), make(3).real.clone(), 1
    yield make(3), torch.tensor(2, dtype=torch.int64), 1
    yield make(), make(3), 1
    yield make(0, 3), make(3), 1
    yield make(3), make(3), 2.5


def bad(make):
    yield (make(2, 3), make(2, 4), 1), "must match the size of tensor b (4)"
    # PyTorch compiles it for real tensors: they do not come by name.
    yield Bad((make(3).real.clone(), make(3).real.clone(), 1),
              "complex64 and complex128", torch_refuses=False)
    yield (make(2), make(2), True), "Boolean alpha"
    yield (None, make(2), 1), "self: expected a tensor, got None"
    yield (make(2), None, 1), "other: expected a tensor, got None"
