# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, Bad, op

# Each result is a sum in another order, of which the last is divided again:
# twice torch.testing's tolerances.
TOLERANCE = {torch.float32: 1e-5, torch.complex64: 1e-5, torch.float64: 1e-11,
             torch.complex128: 1e-11}


def compare(actual, expected, args):
    for mine, theirs in zip(actual, expected):
        tolerance = TOLERANCE[mine.dtype]
        torch.testing.assert_close(mine, theirs, rtol=tolerance,
                                   atol=tolerance, equal_nan=True,
                                   check_stride=False)


op("aoti_torch_cpu_triangular_solve",
   aten=torch.ops.aten.triangular_solve.default, dtypes=FLOATS + COMPLEX,
   compare=compare, recorded=TOLERANCE)


def conditioned(a):
    """Like |a| with a diagonal that makes it well-conditioned."""
    copy = a / a.shape[-1] ** 0.5
    copy.diagonal(dim1=-2, dim2=-1).add_(3)
    return copy


def samples(make):
    for layout in ("contiguous", "transposed", "sliced", "expanded"):
        for upper in (True, False):
            for transpose in (True, False):
                for unit in (True, False):
                    a = conditioned(make(2, 5, 5)).expand(2, 5, 5)
                    b = make(2, 5, 3, layout=layout)
                    yield b, a, upper, transpose, unit
    for n, columns in [(1, 1), (31, 33), (32, 32), (33, 1), (70, 40), (100, 5)]:
        for upper in (True, False):
            yield make(n, columns), conditioned(make(n, n)), upper, False, False
            yield (make(n, columns), conditioned(make(n, n)).mT, upper, True,
                   False)
    yield make(3, 1, 4, 2), conditioned(make(2, 4, 4)), True, False, False
    yield make(4, 2), conditioned(make(2, 4, 4)), False, False, False
    yield make(0, 4, 2), make(4, 4), True, False, False
    yield make(0, 2), make(0, 0), True, False, False
    yield make(4, 0), conditioned(make(4, 4)), True, False, False
    if not make.dtype.is_complex:  # complex ones divide in another way
        yield make(3, 2), torch.zeros(3, 3, dtype=make.dtype), True, False, False


def bad(make):
    yield (make(4), make(4, 4), True, False, False), "at least 2 dimensions"
    yield (make(4, 1), make(4), True, False, False), "at least 2 dimensions"
    yield (make(4, 1), make(4, 5), True, False, False), "square matrices"
    yield (make(3, 1), make(4, 4), True, False, False), "Incompatible"
    yield (make(2, 4, 1), make(3, 4, 4), True, False, False), "must match"
    yield ((make(4, 1), make(4, 4, dtype=torch.float64), True, False, False),
           "same dtype")
    yield ((make(4, 1, dtype=torch.float16),
            make(4, 4, dtype=torch.float16), True, False, False),
           "not implemented for 'Half'")
    # torch dereferences the handle.
    yield Bad((make(4, 1), None, True, False, False), "A is a NULL handle",
              torch_refuses=False)
