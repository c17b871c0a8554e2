# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, op

op("aten::bmm", aten=torch.ops.aten.bmm.default, dtypes=COMPLEX + FLOATS)


def samples(make):
    for x in make.layouts(2, 4, 5):
        for y in make.layouts(2, 5, 3):
            yield x, y
    yield make(2, 0, 3), make(2, 3, 2)
    yield make(2, 2, 0), make(2, 0, 3)
    yield make(2, 40, 50), make(2, 50, 30)


def bad(make):
    yield (make(2, 3, 4), make(2, 3, 4)), "first two dimensions of batch2"
    yield (make(3), make(2, 3, 4)), "-D"
    yield (make(2, 3, 4), make(2, 4, 4).half()), "but found Half"
    yield (None, make(2, 2, 2)), "self: expected a tensor, got None"
