# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, op

# Sums in another order, over and over: ten times torch.testing's tolerances.
TOLERANCE = {torch.float32: 5e-5, torch.complex64: 5e-5, torch.float64: 1e-11,
             torch.complex128: 1e-11}


def compare(actual, expected, args):
    """The same pivots, and so the same factors."""
    ld, pivots, info = actual
    assert torch.equal(pivots, expected[1])
    assert torch.equal(info, expected[2])
    torch.testing.assert_close(ld, expected[0], rtol=TOLERANCE[ld.dtype],
                               atol=TOLERANCE[ld.dtype], equal_nan=True,
                               check_stride=False)


op("aten::linalg_ldl_factor_ex",
   aten=torch.ops.aten.linalg_ldl_factor_ex.default, dtypes=FLOATS + COMPLEX,
   compare=compare, recorded=TOLERANCE)


def samples(make):
    for sizes in [(1, 1), (2, 2), (5, 5), (2, 3, 4, 4), (40, 40)]:
        for a in make.layouts(*sizes):
            if 0 not in a.stride():  # equal rows: pivots are a matter of rounding
                yield a, False, False
                yield a, True, True
    # Own loops up to 64 x 64; zeros on the diagonal want blocks of two.
    for n in (3, 4, 8, 17, 33, 64, 65):
        yield make(2, n, n), False, False
        hollow = make(n, n)
        hollow.diagonal().zero_()
        yield hollow, False, False
    yield torch.ones(5, 5, dtype=make.dtype), False, False
    yield torch.zeros(2, 3, 3, dtype=make.dtype), False, False
    yield torch.zeros(3, 3, dtype=make.dtype), True, False
    yield make(0, 0), False, True
    yield make(0, 3, 3), False, False
    yield make(2, 0, 0), True, True


def bad(make):
    yield (make(4), False, False), "at least 2 dimensions"
    yield (make(4, 3), False, False), "square matrices"
    yield (make(4, 4).half(), False, False), "not implemented for 'Half'"
    yield (make(4, 4).int(), False, False), "not implemented for 'Int'"
    yield (torch.zeros(2, 2), False, True), "error code 1"
    yield (torch.zeros(3, 2, 2), False, True), "(Batch element 0)"
    yield (None, False, False), "self: expected a tensor, got None"
