# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, FLOATS, INTEGERS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_cummax", aten=torch.ops.aten.cummax.default,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS + BOOL, exact=True)


def samples(make):
    for sizes in [(7,), (3, 4), (3, 4, 5), (2, 3, 4, 5), (130, 70)]:
        for x in make.layouts(*sizes):
            for dim in range(-1, len(sizes)):
                yield x, dim
    yield make(200, low=0, high=3), 0  # many equal ones
    yield make(), 0
    yield make(), -1
    yield make(0, 4), -1
    yield make(4, 0), 0
    if make.dtype.is_floating_point:
        x = make(40, 30)
        x[torch.rand(40, 30) < 0.1] = float("nan")
        x[torch.rand(40, 30) < 0.1] = float("inf")
        x[torch.rand(40, 30) < 0.1] = -float("inf")
        x[torch.rand(40, 30) < 0.3] = 0.0
        x[torch.rand(40, 30) < 0.3] = -0.0
        yield x, 0
        yield x, 1
        yield torch.full((3, 4), float("nan"), dtype=x.dtype), 1


def bad(make):
    yield (make(3, 4), 2), "Dimension out of range"
    yield (make(), 1), "Dimension out of range"
    yield (make(3, dtype=torch.complex64), 0), "not implemented"
    # torch dereferences the handle.
    yield Bad((None, 0), "NULL", torch_refuses=False)
