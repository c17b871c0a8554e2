# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, LOW_FLOATS, Sample, op

aten = torch.ops.aten
INF = float("inf")

op("aten::linalg__powsum", aten=aten.linalg__powsum.default,
   dtypes=FLOATS + LOW_FLOATS + COMPLEX)


def samples(make):
    for x in make.layouts(3, 4, 5):
        for dim in (None, [], [0], [-1], [1, 0]):
            for keep in (False, True):
                yield x, 2, dim, keep, None
    x = make(3, 4)
    for order in (0, 1, 2, 3, 0.5, 1.7, -1, -2, INF, -INF):
        yield x, order, None, False, None
        yield x, order, [1], False, None
        yield make(0, 4), order, None, False, None
        yield make(0, 4), order, [0], False, None
        yield make(0, 4), order, [1], True, None
    for order in (0, 1, 2, 3, 0.5, -1, INF):
        y = make(4, 3)
        y[0, 0], y[1, 0], y[2, 0] = float("nan"), 0, INF
        yield y, order, [0], False, None
        yield y[1:], order, [1], False, None
    yield make(), 2, None, False, None
    yield make(), 2, [0], True, None
    # torch adds up in float, one after another.
    yield Sample((make(2, 70000), 2, [1], False, None),
                 rtol=2e-5 if make.dtype.itemsize > 2 else None)
    for dtype in (torch.float16, torch.float32, torch.float64):
        yield x, 2, [0], False, dtype
    if make.dtype.is_complex:
        yield x, 3, None, False, torch.complex128
    else:
        yield x, 3, [0], False, torch.bfloat16
        yield x, 2, [0], False, torch.complex64
        yield (x * 3).int(), 2, None, False, make.dtype


def bad(make):
    yield ((make(3).to(torch.int64), 2, None, False, None),
           "\"powsum_cpu\" not implemented for 'Long'")
    yield ((make(3), 2, None, False, torch.int64),
           "\"powsum_cpu\" not implemented for 'Long'"
           if not make.dtype.is_complex else "not implemented for")
    if make.dtype.is_complex:
        yield (make(3), 2, None, False, torch.bfloat16), "not implemented for"
    yield (make(3, 4), 2, [2], False, None), "Dimension out of range"
    yield (make(3, 4), 2, [0, -2], False, None), "dim 0 appears multiple times"
    yield (make(3, 4), 1j, None, False, None), "ord"
