# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, op

op("aten::unsqueeze", aten=torch.ops.aten.unsqueeze.default,
   dtypes=COMPLEX + FLOATS, exact=True)


def samples(make):
    for x in make.layouts(3, 4, 5):
        for dim in 0, 1, 3, -1, -4:
            yield x, dim
    yield make(), 0
    yield make(0, 3), 1


def bad(make):
    yield (make(3, 4), 3), "Dimension out of range"
    yield (make(3, 4), -4), "Dimension out of range"
    yield (None, 0), "self: expected a tensor, got None"
