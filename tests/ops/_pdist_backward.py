# SPDX-License-Identifier: Apache-2.0
import math

import torch
from harness import FLOATS, Bad, op

pdist_forward = torch.ops.aten._pdist_forward.default
op("aoti_torch_cpu__pdist_backward",
   aten=torch.ops.aten._pdist_backward.default, dtypes=FLOATS)


def call(make, x, p, layout="contiguous"):
    dist = pdist_forward(x, p)
    return make(dist.shape, layout=layout), x, p, dist


def samples(make):
    for p in (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 2.7, 4.0, math.inf):
        for rows, width in ((2, 1), (5, 3), (6, 8), (7, 9), (5, 70), (3, 130)):
            for layout in ("contiguous", "sliced", "expanded"):
                yield call(make, make(rows, width), p, layout)
        yield call(make, make(1, 4), p)
        yield call(make, make(4, 0), p)
        yield call(make, torch.cat([make(3, 2), make(3, 2) * 0]), p)
        odd = make(6, 3)
        odd[1, 1], odd[4, 0] = math.nan, math.inf
        yield call(make, odd, p)


def bad(make):
    x, grad, dist = make(4, 3), make(6), make(6)
    yield (grad, make(4, 3, layout="transposed"), 1.0, dist), (
        "_pdist_backward requires self to be contiguous")
    yield (grad, x, 1.0, make(12)[::2]), (
        "_pdist_backward requires pdist to be contiguous")
    yield (grad.half(), x.half(), 1.0, dist.half()), (
        "\"pdist_backward\" not implemented for 'Half'")
    yield (grad.double(), x, 1.0, dist), (
        "expected scalar type Float but found Double of grad_output")
    yield (grad, x, 1.0, dist.double()), (
        "expected scalar type Float but found Double of pdist")
    # torch reads beyond the end.
    for call in ((grad[:5], x, 1.0, dist), (grad, x, 1.0, dist[:5])):
        yield Bad(call, "expected 6 distances", torch_refuses=False)
    yield Bad((grad[None], x, 1.0, dist), "grad_output must have one dimension",
              torch_refuses=False)
    # torch dereferences the handle.
    yield Bad((grad, None, 1.0, dist), "self is a NULL handle",
              torch_refuses=False)
