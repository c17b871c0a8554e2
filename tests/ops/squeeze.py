# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, Bad, op

op("aoti_torch_cpu_squeeze_dim", aten=torch.ops.aten.squeeze.dim, exact=True,
   dtypes=FLOATS + INTEGERS[:1])


def samples(make):
    for x in make.layouts(3, 1, 5):
        for dim in (0, 1, 2, -2):
            yield x, dim
    yield make(1), 0
    yield make(), 0
    yield make(), -1
    yield make(1, 0), 0


def bad(make):
    yield (make(3, 1), 2), "Dimension out of range"
    yield (make(), 1), "Dimension out of range"
    yield Bad((None, 0), "self is a NULL", torch_refuses=False)
