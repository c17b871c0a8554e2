# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, op

op("aten::expand", aten=torch.ops.aten.expand.default, dtypes=COMPLEX + FLOATS,
   exact=True)


def samples(make):
    for x in make.layouts(3, 1, 5):
        yield x, [3, 4, 5]
        yield x, [2, 3, 1, 5]
        yield x, [-1, 0, -1]
    yield make(), [2, 3]
    yield make(), []
    yield make(1), [4]


def bad(make):
    yield (make(3, 4), [3]), "must be greater or equal"
    yield (make(3, 4), [3, 5]), "must match the existing size (4)"
    yield (make(3), [-1, 3]), "expanded size"
    yield (None, [1]), "self: expected a tensor, got None"
