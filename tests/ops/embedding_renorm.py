# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, op

op("aten::embedding_renorm", aten=torch.ops.aten.embedding_renorm.default,
   dtypes=FLOATS + LOW_FLOATS)


def samples(make):
    for x in make.layouts(6, 5):
        if 0 in x.stride():
            continue
        for power in 2.0, 1.0, 0.0, 3.0, float("inf"), float("-inf"):
            yield x, make.index(4, below=6), 1.5, power
    yield make(6, 5), make.index(2, 3, below=6, dtype=torch.int32), 0.5, 2.0
    yield make(6, 5), torch.tensor(2), 1.0, 2.0
    yield make(6, 5), make.index(0, below=1), 1.0, 2.0
    yield make(6, 0), make.index(2, below=6), 1.0, 2.0


def bad(make):
    i = make.index(2, below=6)
    yield (make(6), i, 1.0, 2.0), "Expected 2-dimensional tensor"
    yield (make(6, 5), i + 6, 1.0, 2.0), "out of range for a table of 6 rows"
    yield (make(6, 5), i - 13, 1.0, 2.0), "out of range for a table of 6 rows"
    yield (make(6, 5), i.float(), 1.0, 2.0), "Long, Int; but got Float"
    yield (make(6, 5).int(), i, 1.0, 2.0), "Got Int"
    yield (None, i, 1.0, 2.0), "self: expected a tensor, got None"
    yield (make(6, 5), i, None, 2.0), "max_norm: expected a number, got None"
