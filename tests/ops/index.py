# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, FLOAT8, FLOATS, INTEGERS, LOW_FLOATS, op)

op("aoti_torch_cpu_index_Tensor", aten=torch.ops.aten.index.Tensor,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS + COMPLEX + BOOL, exact=True)


def samples(make):
    for x in make.layouts(5, 6, 7):
        a = make.index(4, below=5)
        b = make.index(4, below=6)
        yield x, [a]
        yield x, [a - 5, b]
        yield x, [None, b]
        yield x, [None, None, make.index(3, 2, below=7)]
        yield x, [a, None, b]
        yield x, [make.index(2, 1, below=5), b]
        yield x, [make.index(below=5)]
        yield x, [make.index(2, 3, below=5, layout="transposed"), None]
        yield x, [a.int(), b]
        yield x, [make(5, dtype=torch.bool)]
        yield x, [None, make(6, 7, dtype=torch.bool)]
        yield x, [make(5, 6, 7, dtype=torch.bool)]
        yield x, [make(5, dtype=torch.bool), None, make.index(1, below=7)]
        yield x, [make.index(0, below=5)]
    for x in make.layouts(2, 3, 4, 5):
        yield x, [None, make.index(2, below=3), make.index(2, below=4)]
        yield x, [None, make.index(2, 2, below=3)]
    yield make(4, 0), [make.index(3, below=4)]
    yield make(9), [make.index(3, below=9)]
    yield make(3, 4), [torch.zeros(3, 4, dtype=torch.bool)]


def bad(make):
    x = make(5, 6)
    yield (x, [torch.tensor([7])]), "index 7 is out of bounds for dimension 0"
    yield (x, [None, torch.tensor([0, -7])]), "with size 6"
    yield (x, [torch.tensor([0]), torch.tensor([0]), torch.tensor([0])]), \
        "too many indices for tensor of dimension 2"
    yield (x, [torch.tensor([0, 1]), torch.tensor([0, 1, 2])]), \
        "could not be broadcast"
    yield (x, [torch.tensor([0.5])]), "must be long, int, byte or bool"
    yield (x, [make(4, dtype=torch.bool)]), "shape of the mask [4]"
    yield (x, []), "at least one index"
    yield (x, [None, None]), "at least one index"
    yield (make(0, 3), [torch.tensor([0])]), "out of bounds"
