# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, FLOATS, INTEGERS, LOW_FLOATS, op

op("aten::unique_dim_consecutive", aten=torch.ops.aten.unique_dim_consecutive.default,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS + BOOL, exact=True)


def whole(x):
    """Few different values."""
    return x.round() if x.is_floating_point() else x


def samples(make):
    for x in make.layouts(5, 4, low=0, high=2):
        x = whole(x)
        for dim in 0, 1, -1:
            yield x, dim, True, True
    yield whole(make(6, low=0, high=3)), 0, True, False
    yield whole(make(3, 4, 2, low=0, high=1)), 1, True, True
    yield make(0, 3), 0, True, True
    yield make(1, 3), 0, True, True


def bad(make):
    yield (make(3, 2), 2, True, True), "Dimension out of range"
    yield (None, 0, True, True), "self: expected a tensor, got None"
