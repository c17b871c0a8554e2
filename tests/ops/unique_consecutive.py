# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, FLOATS, INTEGERS, LOW_FLOATS, op

op("aten::unique_consecutive", aten=torch.ops.aten.unique_consecutive.default,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS + BOOL, exact=True)


def whole(x):
    """Few different values."""
    return x.round() if x.is_floating_point() else x


def samples(make):
    for sizes in [(1,), (9,), (5, 4), (3, 2, 2, 3)]:
        for x in make.layouts(*sizes, low=0, high=2):
            x = whole(x)
            yield x, True, True, None
            for dim in {0, len(sizes) - 1, -1}:
                yield x, True, True, dim
    for wanted in [(False, False), (True, False), (False, True)]:
        yield whole(make(3, 7, low=0, high=2)), *wanted, None
        yield whole(make(7, 2, low=0, high=2)), *wanted, 0
    yield make(), True, True, None
    yield make(0), True, True, None
    yield make(0, 3), True, True, 0
    yield make(3, 0), True, False, None


def bad(make):
    yield (make(3, 2), True, True, 2), "Dimension out of range"
    yield (make(3).to(torch.complex64), True, True, None), "'ComplexFloat'"
    yield (None, True, True, None), "self: expected a tensor, got None"
