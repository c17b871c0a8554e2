# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, op

op("aten::mm", aten=torch.ops.aten.mm.default, dtypes=COMPLEX + FLOATS)


def samples(make):
    for x in make.layouts(4, 5):
        for y in make.layouts(5, 3):
            yield x, y
    yield make(0, 3), make(3, 2)
    yield make(2, 0), make(0, 3)
    yield make(40, 50), make(50, 30)


def bad(make):
    yield (make(3, 4), make(3, 4)), "cannot be multiplied (3x4 and 3x4)"
    yield (make(3), make(3, 4)), "-D"
    yield (make(3, 4), make(4, 4).half()), "c10::Half"
    yield (None, make(2, 2)), "self: expected a tensor, got None"
