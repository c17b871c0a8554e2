# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, op

op("aten::segment_reduce", aten=torch.ops.aten.segment_reduce.default,
   dtypes=FLOATS)


def samples(make):
    lengths = torch.tensor([2, 0, 3])
    for reduce in "sum", "mean", "max", "min", "prod":
        for x in make.layouts(5, 2):
            yield x, reduce, lengths, None, None, 0, False, 1
            yield x, reduce, None, None, torch.tensor([0, 2, 5]), 0, False, None
        yield make(5), reduce, lengths, None, None, 0, False, 2.5
        yield make(5), reduce, lengths, None, None, 0, False, True


def bad(make):
    lengths = torch.tensor([2, 0, 3])
    yield ((make(4), "sum", lengths, None, None, 0, False, 1),
           "Expected all rows of lengths")
    yield ((make(5), "none", lengths, None, None, 0, False, 1),
           "reduce argument must be")
    yield (None, "sum", lengths, None, None, 0, False, 1), "data"
