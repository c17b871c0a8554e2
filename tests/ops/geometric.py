# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, LOW_FLOATS, op

op("aten::geometric", aten=torch.ops.aten.geometric.default,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS, exact=True, seed=7)


def samples(make):
    for sizes in [(5,), (3, 4), (2, 3, 4, 5), (30, 20)]:
        for x in make.layouts(*sizes):
            yield x, 0.3, None
    yield make(100), 0.999, None
    yield make(100), 0.05, None
    yield make(), 0.5, None
    yield make(0, 3), 0.5, None


def bad(make):
    for p in (0.0, 1.0, float("nan")):
        yield (make(3), p, None), "p to be in (0, 1), but got p="
    yield (make(3).bool(), 0.5, None), "not implemented for 'Bool'"
    yield (make(3).to(torch.complex64), 0.5, None), "'ComplexFloat'"
    yield (make(3), None, None), "p to be in (0, 1)"
    yield (None, 0.5, None), "self: expected a tensor, got None"
