# SPDX-License-Identifier: Apache-2.0
import torch
from harness import ALL_COMPLEX, Bad, op

op("aten::eq.Tensor", aten=torch.ops.aten.eq.Tensor,
   dtypes=ALL_COMPLEX)


def samples(make):
    for sizes in [(7,), (3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield x, make(*sizes)
            yield x, x
    yield make(2, 1), make(1, 3)
    yield make(3), make(3).real.clone()
    yield make(3), torch.tensor(2, dtype=torch.int64)
    yield make(), make(3)
    yield make(0, 3), make(3)


def bad(make):
    yield (make(2, 3), make(2, 4)), "must match the size of tensor b (4)"
    # PyTorch compiles it for real tensors: they do not come by name.
    yield Bad((make(3).real.clone(), make(3).real.clone()),
              "complex64 and complex128", torch_refuses=False)
    yield (None, make(2)), "self: expected a tensor, got None"
    yield (make(2), None), "other: expected a tensor, got None"
