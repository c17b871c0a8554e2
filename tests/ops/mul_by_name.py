# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, INTEGERS, op

op("aten::mul.Scalar", aten=torch.ops.aten.mul.Scalar,
   dtypes=COMPLEX + FLOATS + INTEGERS)


def samples(make):
    for x in make.layouts(3, 4):
        for number in 3, 2.5, True, 1 + 2j:
            yield x, number
    if make.dtype not in COMPLEX:
        for number in 2**53 + 1, 2**63 - 1, -2**63, -2**60 - 1:
            yield make(3, 4), number
            yield make(3, 4, dtype=torch.bool), number
            yield make(3, 4, dtype=torch.float64), number
    yield make(), 2
    yield make(0, 3), 1.5


def bad(make):
    yield (None, 1), "self: expected a tensor, got None"
    yield (make(2), None), "other: expected a number, got None"
