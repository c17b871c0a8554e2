# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, op

op("aten::poisson", aten=torch.ops.aten.poisson.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True, seed=7)


def samples(make):
    for sizes in [(5,), (3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes, low=0.0, high=30.0):
            yield x, None
    yield make(300, low=0.0, high=1.0), None
    yield make(300, low=10.0, high=1e4), None
    yield torch.zeros(3, dtype=make.dtype), None
    yield torch.full((5,), float("inf"), dtype=make.dtype), None
    yield make(low=0.0, high=5.0), None
    yield make(0, 3), None


def bad(make):
    yield (-make(3, low=1.0, high=2.0), None), "to be non-negative"
    yield (make(3) * float("nan"), None), "to be non-negative"
    yield (make(3).int(), None), "not implemented for 'Int'"
    yield (None, None), "self: expected a tensor, got None"
