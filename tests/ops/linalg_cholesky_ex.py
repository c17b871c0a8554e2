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


def compare_regular(actual, expected, args):
    """Of a matrix that is not positive-definite only the code is compared."""
    assert torch.equal(actual[1], expected[1])
    keep = actual[1] == 0
    compare([actual[0][keep]], [expected[0][keep]], args)


op("aten::linalg_cholesky_ex",
   aten=torch.ops.aten.linalg_cholesky_ex.default, dtypes=FLOATS + COMPLEX,
   compare=compare_regular, recorded=TOLERANCE)


def definite(a):
    n = a.shape[-1]
    return a @ a.mH / n + torch.eye(n, dtype=a.dtype)


def samples(make):
    for n in (1, 2, 5, 40):
        a = definite(make(2, n, n))
        for upper in (True, False):
            yield a, upper, False
            yield a.mT, upper, True
            yield a[0], upper, False
            # Only one triangle is read.
            yield a.triu() if upper else a.tril(), upper, False
            yield -a, upper, False
    yield definite(make(3, 2, 4, 4)), False, True
    yield make(0, 0), True, True
    yield make(0, 3, 3), True, False


def bad(make):
    yield (make(4), True, False), "at least 2 dimensions"
    yield (make(4, 3), True, False), "square matrices"
    yield (make(4, 4).half(), True, False), "not implemented for 'Half'"
    yield ((-torch.eye(3), False, True),
           "leading minor of order 1 is not positive-definite")
    yield (None, True, False), "self: expected a tensor, got None"
