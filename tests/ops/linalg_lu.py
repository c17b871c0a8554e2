# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, op

# Sums in another order, over and over: ten times torch.testing's tolerances.
TOLERANCE = {torch.float32: 2e-5, torch.complex64: 2e-5, torch.float64: 1e-11,
             torch.complex128: 1e-11}


def compare(actual, expected, args):
    for mine, theirs in zip(actual, expected):
        tolerance = TOLERANCE[mine.dtype]
        torch.testing.assert_close(mine, theirs, rtol=tolerance,
                                   atol=tolerance, equal_nan=True,
                                   check_stride=False)


op("aten::linalg_lu", aten=torch.ops.aten.linalg_lu.default,
   dtypes=FLOATS + COMPLEX, compare=compare, recorded=TOLERANCE)


def samples(make):
    for sizes in [(1, 1), (5, 5), (5, 3), (3, 5), (2, 3, 4, 4), (40, 33)]:
        for a in make.layouts(*sizes):
            if 0 not in a.stride():  # equal rows: pivots are a matter of rounding
                yield a, True
    yield torch.zeros(2, 3, 3, dtype=make.dtype), True
    yield make(0, 0), True
    yield make(0, 3, 3), True
    yield make(2, 3, 0), True
    yield make(2, 0, 3), True


def bad(make):
    yield (make(4), True), "at least 2 dimensions"
    yield (make(4, 4), False), "without pivoting"
    yield (make(4, 4).half(), True), "not implemented for 'Half'"
    yield (None, True), "A: expected a tensor, got None"
