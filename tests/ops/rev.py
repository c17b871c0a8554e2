# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, op

op("prims::rev", aten=torch.ops.prims.rev.default, dtypes=COMPLEX + FLOATS,
   exact=True)


def samples(make):
    for x in make.layouts(3, 4, 5):
        yield x, [0]
        yield x, [2, 1]
        yield x, []
    yield make(0, 3), [0, 1]
    yield make(), []


def bad(make):
    yield (make(3, 4), [2]), "Dimension out of range"
    yield (make(3, 4), [1, 1]), "multiple times"
    yield (None, [0]), "a: expected a tensor, got None"
