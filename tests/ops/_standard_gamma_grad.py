# SPDX-License-Identifier: Apache-2.0
import torch
from harness import op

op("aten::_standard_gamma_grad",
   aten=torch.ops.aten._standard_gamma_grad.default)


def samples(make):
    for sizes in [(5,), (3, 4), (2, 3, 4, 5)]:
        for shape in make.layouts(*sizes, low=0.0, high=12.0):
            yield shape, make(*sizes, low=0.0, high=12.0)
        for x in make.layouts(*sizes, low=0.0, high=12.0):
            yield make(*sizes, low=0.0, high=12.0), x
    shape = make(200, low=0.0, high=40.0)
    yield shape, shape * make(200, low=0.5, high=1.5)
    yield make(200, low=0.0, high=8.0), make(200, low=0.0, high=1.0)
    yield shape, shape * 0
    yield shape[:4] - 50, make(4, low=0.0, high=0.8)
    # Powers that vanish or overflow on the way.
    yield shape[:40] * 20, make(40, low=0.0, high=0.7)
    yield -500 - shape[:40] * 20, make(40, low=0.0, high=0.7)
    yield 5000 + shape, 5000 + make(200, low=-2000.0, high=2000.0)
    yield shape[:4].reshape(4, 1), make(3, low=0.0, high=1.0)
    yield make(low=0.0, high=1.0), make(low=0.0, high=1.0)
    yield make(0, 3), make(0, 3)


def bad(make):
    x = make(3, low=0.0, high=1.0)
    yield (x.half(), x.half()), "not implemented for 'Half'"
    yield (x.int(), x.int()), "not implemented for 'Int'"
    yield (x, x.double()), "Found dtype Double but expected Float"
    yield (x, make(4)), "must match"
    yield (None, x), "self: expected a tensor, got None"
    yield (x, None), "output: expected a tensor, got None"
