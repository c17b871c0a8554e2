# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_histc", aten=torch.ops.aten.histc.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True)


def samples(make):
    for sizes in [(7,), (3, 4), (3, 4, 5), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield x, 10, 0.0, 0.0
            yield x, 7, -1.0, 1.5
    yield make(1000), 100, 0.0, 0.0
    yield make(1000), 33, -0.1, 0.2
    yield make(1000, low=0, high=9).round(), 9, 0.0, 9.0  # on the edges
    yield make(1000, low=0, high=9).round(), 10, 0.0, 0.0
    yield make(), 3, 0.0, 0.0
    yield make(0), 4, 0.0, 0.0
    yield make(0, 3), 4, 2.0, 2.0
    yield torch.full((5,), 2.0, dtype=make.dtype), 4, 0.0, 0.0
    yield make(5), 1, -0.5, 0.5
    x = make(50)
    x[::3] = float("nan")
    x[1::3] = float("inf")
    x[2::7] = -float("inf")
    yield x, 5, -1.0, 1.0


def bad(make):
    x = make(5)
    yield (x, 0, 0.0, 0.0), "bins must be > 0, but got 0"
    yield (x, -3, 0.0, 0.0), "bins must be > 0, but got -3"
    yield (x, 4, 2.0, 1.0), "max must be larger than min"
    yield (x, 4, 0.0, float("inf")), "is not finite"
    yield (x / 0, 4, 0.0, 0.0), "is not finite"
    yield (x * float("nan"), 4, 0.0, 0.0), "is not finite"
    yield (torch.arange(3), 4, 0.0, 0.0), "not implemented for 'Long'"
    # torch dereferences the handle.
    yield Bad((None, 4, 0.0, 0.0), "NULL", torch_refuses=False)
