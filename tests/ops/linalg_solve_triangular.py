# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, Bad, op

# As for triangular_solve.
TOLERANCE = {torch.float32: 2e-5, torch.complex64: 2e-5, torch.float64: 1e-11,
             torch.complex128: 1e-11}


def compare(actual, expected, args):
    for mine, theirs in zip([actual], [expected]):
        if mine.dtype == torch.int32:
            assert torch.equal(mine, theirs)
            continue
        tolerance = TOLERANCE[mine.dtype]
        torch.testing.assert_close(mine, theirs, rtol=tolerance,
                                   atol=tolerance, equal_nan=True,
                                   check_stride=False)


op("aten::linalg_solve_triangular",
   aten=torch.ops.aten.linalg_solve_triangular.default,
   dtypes=FLOATS + COMPLEX, compare=compare, recorded=TOLERANCE)


def conditioned(a):
    copy = a / a.shape[-1] ** 0.5
    copy.diagonal(dim1=-2, dim2=-1).add_(3)
    return copy


def samples(make):
    for layout in ("contiguous", "transposed", "sliced", "expanded"):
        for upper in (True, False):
            for unit in (True, False):
                a = conditioned(make(2, 5, 5, layout=layout))
                yield a, make(2, 5, 3, layout=layout), upper, True, unit
                yield a, make(2, 3, 5, layout=layout), upper, False, unit
    for n, columns in [(1, 1), (33, 33), (70, 40)]:
        for upper in (True, False):
            a = conditioned(make(n, n))
            yield a, make(n, columns), upper, True, False
            yield a.mT, make(columns, n), upper, False, False
    yield conditioned(make(2, 4, 4)), make(3, 1, 4, 2), True, True, False
    yield conditioned(make(4, 4)), make(2, 2, 4), True, False, False
    yield make(0, 4, 4), make(4, 2), True, True, False
    yield make(0, 0), make(0, 2), True, True, False


def bad(make):
    a = conditioned(make(4, 4))
    yield (make(4), make(4, 1), True, True, False), "at least 2 dimensions"
    yield (a, make(4), True, True, False), "at least 2 dimensions"
    yield (make(4, 5), make(4, 1), True, True, False), "square matrices"
    yield (a, make(3, 1), True, True, False), "Incompatible shapes"
    yield (a, make(4, 1), True, False, False), "Incompatible shapes"
    yield (make(2, 4, 4), make(3, 4, 1), True, True, False), "must match"
    # torch converts B.
    yield Bad((a, make(4, 1).double(), True, True, False), "same dtype",
              torch_refuses=False)
    yield (a.half(), make(4, 1).half(), True, True, False), "'Half'"
    yield (a, None, True, True, False), "B: expected a tensor, got None"
