# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, INTEGERS, op

op("aten::mul.Scalar", aten=torch.ops.aten.mul.Scalar,
   dtypes=COMPLEX + FLOATS + INTEGERS)


def samples(make):
    for x in make.layouts(3, 4):
        for number in 3, 2.5, True, 1 + 2j:
            yield x, number
    yield make(), 2
    yield make(0, 3), 1.5


def bad(make):
    yield (None, 1), "self: expected a tensor, got None"
    yield (make(2), None), "other: expected a number, got None"
