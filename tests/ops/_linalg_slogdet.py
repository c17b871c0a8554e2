# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, op

# Sums in another order, over and over: ten times torch.testing's tolerances.
TOLERANCE = {torch.float32: 2e-5, torch.complex64: 2e-5, torch.float64: 1e-11,
             torch.complex128: 1e-11}


def compare(actual, expected, args):
    for mine, theirs in zip(actual, expected):
        if mine.dtype == torch.int32:
            assert torch.equal(mine, theirs)
            continue
        tolerance = TOLERANCE[mine.dtype]
        torch.testing.assert_close(mine, theirs, rtol=tolerance,
                                   atol=tolerance, equal_nan=True,
                                   check_stride=False)


op("aten::_linalg_slogdet", aten=torch.ops.aten._linalg_slogdet.default,
   dtypes=FLOATS + COMPLEX, compare=compare, recorded=TOLERANCE)


def samples(make):
    for sizes in [(1, 1), (2, 2), (5, 5), (2, 3, 4, 4), (20, 20)]:
        for a in make.layouts(*sizes):
            if 0 not in a.stride():
                yield (a / sizes[-1] ** 0.5,)
                yield (a.mT / sizes[-1] ** 0.5,)
    yield (torch.zeros(2, 3, 3, dtype=make.dtype),)
    yield (make(0, 0),)
    yield (make(0, 3, 3),)
    yield (make(2, 0, 0),)


def bad(make):
    yield (make(4),), "at least 2 dimensions"
    yield (make(4, 3),), "square matrices"
    yield (make(4, 4).half(),), "not implemented for 'Half'"
    yield (None,), "A: expected a tensor, got None"
