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


op("aten::_linalg_solve_ex",
   aten=torch.ops.aten._linalg_solve_ex.default, dtypes=FLOATS + COMPLEX,
   compare=compare, recorded=TOLERANCE)


def conditioned(a):
    """Like |a|, further away from singular."""
    copy = a / a.shape[-1] ** 0.5
    copy.diagonal(dim1=-2, dim2=-1).add_(2)
    return copy


def samples(make):
    for layout in ("contiguous", "transposed", "sliced"):
        a = make(2, 5, 5, layout=layout)
        a.diagonal(dim1=-2, dim2=-1).add_(6)
        for b in make.layouts(2, 5, 3):
            yield a, b, True, False
        for b in make.layouts(2, 3, 5):
            yield a, b, False, True
        yield a, make(2, 5), True, False  # vectors
        yield a[0], make(5), True, False
        yield a, make(5), True, False
        yield a[0], make(2, 5, 3), True, False
        yield a, make(5, 3), True, False
        yield a, make(3, 5), False, False
        yield a, make(4, 1, 5, 3), True, False
    yield conditioned(make(3, 2, 4, 4)), make(3, 2, 4), True, False
    yield conditioned(make(40, 40)), make(40, 33), True, True
    yield make(0, 3, 3), make(0, 3, 2), True, False
    yield make(0, 0), make(0, 2), True, False
    yield conditioned(make(3, 3)), make(3, 0), True, False


def bad(make):
    a = conditioned(make(3, 3))
    yield (make(4), make(4, 1), True, False), "at least 2 dimensions"
    yield (make(4, 3), make(4, 1), True, False), "square matrices"
    yield (a, make(4, 1), True, False), "Incompatible shapes"
    yield (a, make(4), True, False), "Incompatible shapes"
    yield (a, make(3, 4), False, False), "Incompatible shapes"
    yield (a, make(3), False, False), "Vector broadcasting"
    yield (a, make(3, 1).double(), True, False), "same dtype"
    yield (a.half(), make(3, 1).half(), True, False), "'Half'"
    yield (make(2, 3, 3), make(3, 3, 1), True, False), "must match"
    yield (torch.ones(2, 2), make(2, 1), True, True), "is singular"
    yield (a, None, True, False), "B: expected a tensor, got None"
