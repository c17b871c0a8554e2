# SPDX-License-Identifier: Apache-2.0
import math

import torch
from harness import FLOATS, Bad, op

cdist_forward = torch.ops.aten._cdist_forward.default
op("aoti_torch_cpu__cdist_backward",
   aten=torch.ops.aten._cdist_backward.default, dtypes=FLOATS)

POWERS = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 2.7, 4.0, math.inf)


def call(make, x1, x2, p, layout="contiguous"):
    dist = cdist_forward(x1, x2, p, 2)
    return make(dist.shape, layout=layout), x1, x2, p, dist


def samples(make):
    for p in POWERS:
        for x1 in make.layouts(5, 6):
            for x2 in make.layouts(7, 6):
                yield call(make, x1, x2, p)
        for layout in ("transposed", "sliced", "expanded"):
            grad, x1, x2, _, dist = call(make, make(5, 6), make(7, 6), p,
                                         layout)
            yield grad, x1, x2, p, dist
            yield grad, x1, x2, p, dist.t().contiguous().t()
        for width in (1, 8, 9, 70):
            yield call(make, make(3, width), make(4, width), p)
        yield call(make, make(2, 3, 5, 4), make(2, 3, 6, 4), p)
        yield call(make, make(2, 1, 5, 4), make(3, 6, 4), p)
        yield call(make, make(5, 4), make(3, 6, 4), p)
        same = make(4, 3)
        yield call(make, same, same, p)
        yield call(make, make(0, 4), make(3, 4), p)
        yield call(make, make(4, 3, layout="transposed"), make(0, 3), p)
        yield call(make, make(3, 0), make(4, 0), p)
        nan = make(5, 3)
        nan[2, 1], nan[3, 0] = math.nan, math.inf
        yield call(make, nan, make(4, 3), p)
    yield call(make, make(3, 4), make(5, 4), 2.0)[:3] + (
        -1.0, make(3, 5, low=0.5, high=2))


def bad(make):
    x, y, grad, dist = make(5, 4), make(3, 4), make(5, 3), make(5, 3)
    yield (grad, x[0], y, 1.0, dist), "at least 2D tensors, X1 got: 1D"
    half = [t.half() for t in (grad, x, y, dist)]
    yield (*half[:3], 1.0, half[3]), (
        "\"cdist_backward\" not implemented for 'Half'")
    yield (grad, x, y.double(), 1.0, dist), (
        "expected scalar type Float but found Double of X2")
    yield (grad.double(), x, y, 1.0, dist), (
        "expected scalar type Float but found Double of grad_output")
    yield (grad, x, y, 1.0, dist.double()), (
        "expected scalar type Float but found Double of cdist")
    yield (make(2, 5, 3), make(2, 5, 4), make(3, 3, 4), 1.0, make(2, 5, 3)), (
        "The size of tensor a (2) must match the size of tensor b (3)")
    # torch reads beyond the end.
    yield Bad((grad, x, y[:, :3], 1.0, dist),
              "X1 and X2 must have the same number of columns. X1: 4 X2: 3",
              torch_refuses=False)
    yield Bad((grad[:4], x, y, 1.0, dist), "expected 1 x 5 x 3 distances, got "
              "12 in grad_output and 15 in cdist", torch_refuses=False)
    yield Bad((grad, x, y, 1.0, dist[:4]), "expected 1 x 5 x 3 distances",
              torch_refuses=False)
    # torch dereferences the handle.
    yield Bad((None, x, y, 1.0, dist), "grad_output is a NULL handle",
              torch_refuses=False)
