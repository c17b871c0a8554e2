# SPDX-License-Identifier: Apache-2.0
import torch
from harness import op

op("aten::_dirichlet_grad", aten=torch.ops.aten._dirichlet_grad.default)


def call(make, sizes, high, layout="contiguous"):
    x = make(*sizes, low=0.0, high=1.0, layout=layout)
    alpha = make(*sizes, low=0.0, high=high)
    return x, alpha, alpha + make(*sizes, low=0.0, high=high)


def samples(make):
    for sizes in [(5,), (3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes, low=0.0, high=1.0):
            _, alpha, total = call(make, sizes, 9.0)
            yield x, alpha, total
            yield alpha / total, alpha, (total + x)
    for high in (1.0, 9.0, 20.0, 500.0):
        yield call(make, (300,), high)
        x, alpha, total = call(make, (300,), high)
        yield alpha / total * (1 + 0.02 * x), alpha, total
    x, alpha, total = call(make, (4, 3), 5.0)
    yield x, alpha, total[:1] + 5
    yield x * 0, alpha, total
    yield x * 0 + 1, alpha, total
    yield x[0], alpha[0], total + 5
    yield call(make, (), 5.0)
    yield call(make, (0, 3), 5.0)


def bad(make):
    x, alpha, total = call(make, (3,), 5.0)
    yield (x.half(), alpha.half(), total.half()), "not implemented for 'Half'"
    yield (x, alpha, total.double()), "Found dtype Double but expected Float"
    yield (x, alpha, make(4)), "must match"
    yield (None, alpha, total), "x: expected a tensor, got None"
    yield (x, None, total), "alpha: expected a tensor, got None"
    yield (x, alpha, None), "total: expected a tensor, got None"
