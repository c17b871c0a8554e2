# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, FLOATS, INTEGERS, LOW_FLOATS, UNSIGNED, op

aten = torch.ops.aten
ALL = FLOATS + LOW_FLOATS + INTEGERS + BOOL


def unbounded(make):
    for sizes in [(5,), (3, 4), (2, 3, 4, 5), (30, 20)]:
        for x in make.layouts(*sizes):
            yield x, None
    yield make(), None
    yield make(0, 3), None


def bad_unbounded(make):
    yield (make(3).to(torch.complex64), None), "'ComplexFloat'"
    yield (make(3).to(torch.uint16), None), "not implemented for 'UInt16'"
    yield (None, None), "self: expected a tensor, got None"


op("aten::random", aten=aten.random.default, dtypes=ALL, exact=True, seed=7,
   samples=unbounded, bad=bad_unbounded)


def bounded(make):
    most = 2 if make.dtype == torch.bool else 100
    for sizes in [(5,), (3, 4), (2, 3, 4, 5), (30, 20)]:
        for x in make.layouts(*sizes):
            yield x, most, None
    yield make(50), 1, None
    if make.dtype in (torch.int64, torch.float64):
        yield make(50), 2 ** 40, None
    yield make(), 2, None
    yield make(0, 3), 2, None


def bad_bounded(make):
    yield (make(3), 0, None), "got from=0 >= to=0"
    yield (make(3).byte(), 257, None), "to - 1 is out of bounds"
    yield (make(3).to(torch.complex64), 2, None), "not implemented for 'Comp"
    yield (make(3), None, None), "to: expected an integer, got None"


op("aten::random.to", aten=aten.random.to, dtypes=ALL + UNSIGNED, exact=True,
   seed=7, samples=bounded, bad=bad_bounded)
