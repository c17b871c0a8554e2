# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, op

op("aten::log_normal", aten=torch.ops.aten.log_normal.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True, seed=7)


def samples(make):
    for sizes in [(5,), (3, 4), (2, 3, 4, 5), (30, 20)]:
        for x in make.layouts(*sizes):
            yield x, -1.5, 0.25, None
    yield make(), 1.0, 2.0, None
    yield make(0, 3), 1.0, 2.0, None


def bad(make):
    yield (make(3), 0.0, 0.0, None), "std > 0.0, but found std=0"
    yield (make(3), 0.0, float("nan"), None), "std > 0.0"
    yield (make(3).int(), 0.0, 1.0, None), "not implemented for 'Int'"
    yield (None, 0.0, 1.0, None), "self: expected a tensor, got None"
