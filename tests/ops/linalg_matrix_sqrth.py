# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, op

# As for _linalg_eigh.
TOLERANCE = {torch.float32: 2e-5, torch.complex64: 2e-5, torch.float64: 1e-12,
             torch.complex128: 1e-12}


def compare(actual, expected, args):
    """Of an eigenvalue that is 0 but for rounding the root is the root of the
    rounding: squares are compared, and the rest by a tolerance for that."""
    if actual.numel() == 0:
        return
    tolerance = TOLERANCE[actual.dtype]
    largest = max(expected.abs().max().item(), 1)
    for mine, theirs, atol in [
            (actual @ actual, expected @ expected, tolerance * largest**2),
            (actual, actual.mH, tolerance * largest),
            (actual, expected, tolerance**0.5 * largest)]:
        torch.testing.assert_close(mine, theirs, rtol=0, atol=10 * atol,
                                   check_stride=False)


op("aten::linalg_matrix_sqrth", aten=torch.ops.aten.linalg_matrix_sqrth.default,
   dtypes=FLOATS + COMPLEX, compare=compare)


def samples(make):
    for sizes in [(1, 1), (2, 2), (5, 5), (2, 3, 4, 4), (40, 40)]:
        for a in make.layouts(*sizes):
            yield a,  # the lower triangle counts; negative eigenvalues do not
            yield a @ a.mH,
    yield torch.zeros(3, 3, dtype=make.dtype),
    yield -torch.eye(3, dtype=make.dtype),
    yield make(0, 0),
    yield make(0, 3, 3),
    yield make(2, 0, 0),


def bad(make):
    yield (make(4),), "at least 2 dimensions"
    yield (make(4, 3),), "square matrices"
    yield (make(4, 4).half(),), "'Half'"
    yield (make(4, 4).int(),), "'Int'"
    yield (torch.full((3, 3), float("nan")),), "linalg.eigh: "
    yield (None,), "self: expected a tensor, got None"
