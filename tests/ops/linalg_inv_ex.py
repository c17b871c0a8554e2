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


op("aten::linalg_inv_ex",
   aten=torch.ops.aten.linalg_inv_ex.default, dtypes=FLOATS + COMPLEX,
   compare=compare, recorded=TOLERANCE)


def conditioned(a):
    """Like |a|, further away from singular."""
    copy = a / a.shape[-1] ** 0.5
    copy.diagonal(dim1=-2, dim2=-1).add_(2)
    return copy


def samples(make):
    for sizes in [(1, 1), (5, 5), (2, 3, 4, 4), (40, 40)]:
        for a in make.layouts(*sizes):
            a = a.clone() if 0 in a.stride() else a
            a.diagonal(dim1=-2, dim2=-1).add_(2 * sizes[-1] ** 0.5)
            yield a, False
            yield a, True
    yield make(0, 0), True
    yield make(0, 3, 3), True
    yield make(2, 0, 0), False


def bad(make):
    yield (make(4), False), "at least 2 dimensions"
    yield (make(4, 3), False), "square matrices"
    yield (make(4, 4).half(), False), "not implemented for 'Half'"
    singular = torch.ones(2, 2)
    yield (singular, True), "The diagonal element 2 is zero"
    yield ((torch.stack([torch.eye(2), singular]), True),
           "(Batch element 1): The diagonal element 2 is zero")
    yield (None, False), "A: expected a tensor, got None"
