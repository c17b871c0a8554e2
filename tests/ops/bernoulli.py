# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, FLOATS, INTEGERS, LOW_FLOATS, op

op("aten::bernoulli.Tensor", aten=torch.ops.aten.bernoulli.Tensor,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS + BOOL, exact=True, seed=7)


def samples(make):
    for sizes in [(5,), (3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            for dtype in FLOATS + LOW_FLOATS:
                yield x, make(*sizes, dtype=dtype, low=0.0, high=1.0), None
        for p in make.layouts(*sizes, dtype=torch.float32, low=0.0, high=1.0):
            yield make(*sizes), p, None
    p = make(4, dtype=torch.float32, low=0.0, high=1.0)
    yield make(3, 4), p, None
    yield make(4, 3), p[:, None], None
    yield make(4), p[0], None
    yield make(), p[0], None
    yield make(0, 4), p, None


def bad(make):
    p = make(3, low=0.0, high=1.0)
    yield (make(3), p + 1, None), "p to be in [0, 1]"
    yield (make(3), p * float("nan"), None), "p to be in [0, 1]"
    yield (make(3), p.int(), None), "not implemented for 'Int'"
    yield (make(4), p, None), "must match"
    yield (p[0], p, None), "p has 1 dimensions, self only 0"
    yield (make(3).to(torch.complex64), p, None), "for 'ComplexFloat'"
    yield (None, p, None), "self: expected a tensor, got None"
    yield (make(3), None, None), "p: expected a tensor, got None"
