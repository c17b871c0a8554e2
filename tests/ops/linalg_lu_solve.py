# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, Bad, op

# As for geqrf.
TOLERANCE = {torch.float32: 2e-5, torch.complex64: 2e-5, torch.float64: 1e-11,
             torch.complex128: 1e-11}


def compare(actual, expected, args):
    tolerance = TOLERANCE[actual.dtype]
    torch.testing.assert_close(actual, expected, rtol=tolerance,
                               atol=tolerance, check_stride=False)


op("aten::linalg_lu_solve", aten=torch.ops.aten.linalg_lu_solve.default,
   dtypes=FLOATS + COMPLEX, compare=compare, recorded=TOLERANCE)


def factors(a):
    a = a.clone()
    a.diagonal(dim1=-2, dim2=-1).add_(a.shape[-1])
    return torch.linalg.lu_factor(a)


def samples(make):
    for adjoint in (True, False):
        lu, pivots = factors(make(2, 5, 5))
        for b in make.layouts(2, 5, 3):
            yield lu, pivots, b, True, adjoint
        for b in make.layouts(2, 3, 5):
            yield lu.contiguous(), pivots, b, False, adjoint
        yield lu[0], pivots[0], make(3, 2, 5, 1), True, adjoint
        yield lu, pivots, make(5, 4), True, adjoint
        yield lu, pivots, make(3, 1, 4, 5), False, adjoint
        yield *factors(make(40, 40)), make(40, 33), True, adjoint
    yield make(0, 0), make(0, dtype=torch.int32), make(0, 2), True, False
    yield *factors(make(3, 3)), make(3, 0), True, False


def bad(make):
    lu, pivots = factors(make(3, 3))
    yield (make(3), pivots, make(3, 1), True, False), "at least 2 dimensions"
    yield (make(4, 3), pivots, make(3, 1), True, False), "square matrices"
    yield (lu, pivots, make(4, 1), True, False), "Incompatible shapes"
    yield (lu, pivots, make(3, 1), False, False), "Incompatible shapes"
    yield (lu, pivots.long(), make(3, 1), True, False), "torch.int32"
    yield (lu, pivots[:2], make(3, 1), True, False), "pivots.shape"
    yield (lu, pivots, make(3, 1).double(), True, False), "same dtype"
    yield (lu.half(), pivots, make(3, 1).half(), True, False), "'Half'"
    # torch exchanges rows outside of its memory.
    yield Bad((lu, pivots + 3, make(3, 1), True, False), "between 1 and 3",
              torch_refuses=False)
    yield (lu, None, make(3, 1), True, False), "pivots: expected a tensor"
