# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, FLOATS, INTEGERS, LOW_FLOATS, op

op("aten::_unique", aten=torch.ops.aten._unique.default,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS + BOOL, exact=True)


def whole(x):
    """Few different values."""
    return x.round() if x.is_floating_point() else x


def samples(make):
    for sizes in [(1,), (7,), (5, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes, low=0, high=4):
            yield whole(x), True, True
            yield x, True, True
    for wanted in (False, True):
        yield whole(make(3, 7, low=0, high=3)), True, wanted
        yield whole(make(3, 7, low=0, high=3)), False, wanted
    yield make(3000), True, True
    yield make(), True, True
    yield make(0), True, True
    yield make(3, 0), True, False
    if make.dtype.is_floating_point:
        # Each NaN is a value of its own.
        x = torch.tensor([1, float("nan"), float("inf"), 1, float("nan"), -0.0,
                          0.0, -float("inf")], dtype=make.dtype)
        yield x, True, False


def bad(make):
    yield (make(3).to(torch.complex64), True, True), "'ComplexFloat'"
    yield (None, True, True), "self: expected a tensor, got None"
