# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, Bad, op

# As for triangular_solve, twice over.
TOLERANCE = {torch.float32: 2e-5, torch.complex64: 2e-5, torch.float64: 1e-11,
             torch.complex128: 1e-11}


def compare(actual, expected, args):
    tolerance = TOLERANCE[actual.dtype]
    torch.testing.assert_close(actual, expected, rtol=tolerance,
                               atol=tolerance, equal_nan=True,
                               check_stride=False)


op("aoti_torch_cpu_cholesky_solve",
   aten=torch.ops.aten.cholesky_solve.default, dtypes=FLOATS + COMPLEX,
   compare=compare, recorded=TOLERANCE)


def factor(a):
    """A well-conditioned matrix like |a|: only its triangle is read."""
    copy = a / a.shape[-1] ** 0.5
    copy.diagonal(dim1=-2, dim2=-1).add_(3)
    return copy


def samples(make):
    for layout in ("contiguous", "transposed", "sliced", "expanded"):
        for upper in (True, False):
            yield make(2, 5, 3, layout=layout), factor(make(2, 5, 5)), upper
            yield make(2, 5, 3), factor(make(2, 5, 5, layout=layout)), upper
    for n, columns in [(1, 1), (31, 33), (33, 1), (70, 40)]:
        for upper in (True, False):
            yield make(n, columns), factor(make(n, n)), upper
    yield make(3, 1, 4, 2), factor(make(2, 4, 4)), True
    yield make(4, 2), factor(make(2, 4, 4)), False
    yield make(0, 4, 2), make(4, 4), True
    yield make(0, 2), make(0, 0), True
    yield make(4, 0), factor(make(4, 4)), True


def bad(make):
    yield (make(4), make(4, 4), True), "at least 2 dimensions"
    yield (make(4, 1), make(4), True), "at least 2 dimensions"
    yield (make(4, 1), make(4, 5), True), "square matrices"
    yield (make(3, 1), make(4, 4), True), "Incompatible"
    yield (make(2, 4, 1), make(3, 4, 4), True), "must match"
    yield (make(4, 1), make(4, 4, dtype=torch.float64), True), "same dtype"
    yield ((make(4, 1, dtype=torch.float16),
            make(4, 4, dtype=torch.float16), True),
           "not implemented for 'Half'")
    # torch dereferences the handle.
    yield Bad((None, make(4, 4), True), "b is a NULL handle",
              torch_refuses=False)
