# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOAT8, FLOATS, INTEGERS, Bad, op

op("aoti_torch_cpu_permute", aten=torch.ops.aten.permute.default, exact=True,
   dtypes=FLOATS + INTEGERS[:1] + COMPLEX[:1] + FLOAT8[:1])


def samples(make):
    for x in make.layouts(2, 3, 4, 5):
        yield x, [0, 1, 2, 3]
        yield x, [3, -3, 0, 2]
    yield make(2, 3, layout="offset"), [1, 0]
    yield make(), []
    yield make(0, 3), [-1, 0]


def bad(make):
    yield (make(2, 3), [0]), "input.dim() = 2 is not equal to len(dims) = 1"
    yield (make(2, 3), [0, -2]), "duplicate dims are not allowed"
    yield (make(2, 3), [0, 2]), "Dimension out of range"
    yield Bad((None, [0]), "self is a NULL", torch_refuses=False)
