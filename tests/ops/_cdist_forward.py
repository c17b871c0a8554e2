# SPDX-License-Identifier: Apache-2.0
import math

import torch
from harness import FLOATS, LOW_FLOATS, Bad, Sample, op

op("aoti_torch_cpu__cdist_forward", aten=torch.ops.aten._cdist_forward.default,
   dtypes=FLOATS)
op("aoti_torch_cpu__cdist_forward", aten=torch.ops.aten._cdist_forward.default,
   dtypes=LOW_FLOATS, samples=lambda make: product_samples(make), bad=False)

POWERS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 2.7, 4.0, math.inf)


def samples(make):
    for x1 in make.layouts(5, 3):
        for x2 in make.layouts(7, 3):
            for p in POWERS:
                yield x1, x2, p, None
    for p in POWERS:
        for x1 in make.layouts(2, 3, 5, 4):
            yield x1, make(2, 3, 6, 4), p, 2
        for rows, others, width in ((1, 1, 1), (40, 70, 3), (17, 33, 20),
                                    (3, 32, 100)):
            yield make(rows, width), make(others, width), p, 2
        # Batches that broadcast.
        yield make(2, 1, 5, 4), make(3, 6, 4), p, 2
        yield make(5, 4), make(3, 6, 4), p, 2
        yield make(3, 5, 4, layout="expanded"), make(6, 4), p, 2
        # The same rows, no elements, no rows.
        same = make(4, 3)
        yield same, same, p, 2
        yield make(2, 3, 0), make(2, 4, 0), p, None
        yield make(2, 0, 4), make(2, 3, 4), p, None
        yield make(0, 3, 4), make(1, 2, 4), p, None
        nan, inf = make(5, 3), make(5, 3)
        nan[2, 1], inf[3, 0] = math.nan, math.inf
        yield nan, inf, p, 2
        yield inf, nan, p, 2
    yield from product_samples(make)


def product_samples(make):
    """Rows far apart: close ones lose their digits to the product."""
    for rows, others, mode in ((30, 7, None), (7, 30, 0), (5, 6, 1)):
        for first in ("contiguous", "transposed", "sliced"):
            yield Sample((make(rows, 12, layout=first), make(others, 12) + 9,
                          2.0, mode))
            yield Sample((make(2, 1, rows, 12, layout=first),
                          make(3, others, 12) + 9, 2.0, mode))
    yield make(30, 12), make(1, 1, 7, 12) + 9, 2.0, None
    yield make(30, 0), make(7, 0), 2.0, None
    yield make(0, 4), make(30, 4), 2.0, None
    yield make(30, 4), make(7, 4) * math.nan, 2.0, None
    yield make(30, 1), make(7, 1) + 9, 2.0, 1
    yield make(70, 33), make(50, 33) + 9, 2.0, None


def bad(make):
    x, y = make(5, 4), make(3, 4)
    yield (x[0], y, 1.0, None), (
        "cdist only supports at least 2D tensors, X1 got: 1D")
    yield (x, y[0], 1.0, None), (
        "cdist only supports at least 2D tensors, X2 got: 1D")
    yield (x, y[:, :3], 1.0, None), (
        "X1 and X2 must have the same number of columns. X1: 4 X2: 3")
    yield (x, y, -1.0, None), "cdist only supports non-negative p values"
    yield (x, y, math.nan, None), "cdist only supports non-negative p values"
    yield (x, y, 2.0, 3), "possible modes: 0, 1, 2, but was: 3"
    yield (x.int(), y, 1.0, None), (
        "cdist only supports floating-point dtypes, X1 got: Int")
    yield (x, y.int(), 1.0, None), (
        "cdist only supports floating-point dtypes, X2 got: Int")
    yield (x.half(), y.half(), 2.0, 2), "\"cdist\" not implemented for 'Half'"
    yield (x, y.double(), 2.0, 2), "expected scalar type Float but found Double"
    yield (x, y.double(), 2.0, 1), "expected scalar type Float but found Double"
    eighths = [t.to(torch.float8_e5m2) for t in (x, y)]
    yield (*eighths, 2.0, 1), "\"pow\" not implemented for 'Float8_e5m2'"
    yield (make(2, 5, 4), make(3, 3, 4), 2.0, None), (
        "The size of tensor a (2) must match the size of tensor b (3) at "
        "non-singleton dimension 0")
    # torch dereferences the handle.
    yield Bad((None, y, 1.0, None), "x1 is a NULL handle", torch_refuses=False)
