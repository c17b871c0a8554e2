# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, Bad, op

# Sums in another order, over and over: ten times torch.testing's tolerances.
TOLERANCE = {torch.float32: 2e-5, torch.complex64: 2e-5, torch.float64: 1e-12,
             torch.complex128: 1e-12}


def compare(actual, expected, args):
    for mine, theirs in zip(actual, expected):
        tolerance = TOLERANCE[mine.dtype]
        torch.testing.assert_close(mine, theirs, rtol=tolerance,
                                   atol=tolerance, check_stride=False)


op("aoti_torch_cpu_geqrf", aten=torch.ops.aten.geqrf.default,
   dtypes=FLOATS + COMPLEX, compare=compare, recorded=TOLERANCE)


def samples(make):
    for sizes in [(4, 4), (5, 3), (3, 5), (1, 1), (2, 3, 5, 4), (40, 33)]:
        for a in make.layouts(*sizes):
            if a.stride(0) != 0:  # equal rows: what is left is rounding
                yield (a,)
    for sizes in [(64, 64), (70, 65), (2, 130, 100), (150, 9)]:
        yield (make(*sizes),)
    yield (make(0, 4, 4),)
    yield (make(2, 0, 4),)
    yield (make(4, 0),)


def bad(make):
    yield (make(4),), "at least 2 dimensions"
    yield (make(4, 4, dtype=torch.float16),), "not implemented for 'Half'"
    # torch dereferences the handle.
    yield Bad((None,), "NULL", torch_refuses=False)
