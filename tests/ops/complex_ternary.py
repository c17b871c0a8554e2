# SPDX-License-Identifier: Apache-2.0
"""aten::addcmul, aten::addcdiv and aten::ldexp of complex tensors, by name."""
import torch
from harness import ALL_COMPLEX, COMPLEX, Bad, op

aten = torch.ops.aten


def samples(make):
    for sizes in [(7,), (3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield x, make(*sizes), make(*sizes) + 2, 1
            yield x, x, make(sizes[-1]) + 2, 2.5
    yield make(2, 1), make(1, 3), make(()) + 3, 1 - 2j
    yield make(3), make(3).real.clone(), make(3) + 3, 2
    yield make(0), make(0), make(1), 1
    yield make(3000), make(3000), make(3000) + 3, 0.5


def bad(make):
    yield (make(2, 3), make(2, 4), make(2, 3), 1), "must match the size"
    # PyTorch compiles it for real tensors: they do not come by name.
    real = make(3).real.clone()
    yield Bad((real, real, real, 1), "complex64 and complex128",
              torch_refuses=False)
    yield (None, make(2), make(2), 1), "self: expected a tensor, got None"
    yield (make(2), make(2), make(2), None), "value: expected a number"


op("aten::addcmul", aten=aten.addcmul.default, dtypes=ALL_COMPLEX,
   samples=samples, bad=bad)
op("aten::addcdiv", aten=aten.addcdiv.default, dtypes=COMPLEX, samples=samples,
   bad=bad)


def powers(make):
    for sizes in [(7,), (3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield x, make(*sizes)
    yield make(2, 1), make(1, 3, dtype=torch.int64)
    yield make(), make(3)
    yield make(0, 3), make(3)


def bad_powers(make):
    yield (make(2, 3), make(2, 4)), "must match the size of tensor b (4)"
    yield (None, make(2)), "self: expected a tensor, got None"
    yield (make(2), None), "other: expected a tensor, got None"


op("aten::ldexp.Tensor", aten=aten.ldexp.Tensor, dtypes=COMPLEX, samples=powers,
   bad=bad_powers)
