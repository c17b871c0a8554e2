# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_segment_reduce",
   aten=torch.ops.aten.segment_reduce.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True)


def samples(make):
    reductions = ("sum", "mean", "prod", "max", "amax", "min", "amin")
    for reduce in reductions:
        for initial in (None, 0.0, 2.5):
            for x in make.layouts(7, 3, 4):
                yield (x, reduce, torch.tensor([3, 0, 4]), None, None, 0, False,
                       initial)
            x = make(7, 3)
            yield (x, reduce, None, None, torch.tensor([0, 2, 2, 7]), 0, False,
                   initial)
            yield (x, reduce, None, None, torch.tensor([1, 4]).int(), 0, False,
                   initial)
            yield (x, reduce, torch.tensor([3, 2]).int(), None, None, 0, True,
                   initial)
            lengths = torch.tensor([[1, 2], [3, 0], [0, 3]])
            yield (make(3, 3), reduce, lengths, None, None, 1, False, initial)
            yield (make(3, 3, 5), reduce, lengths.t().contiguous().t(), None,
                   None, -2, False, initial)
            yield (make(2, 4), reduce, None, None,
                   torch.tensor([[0, 1, 4], [2, 2, 3]]), 1, False, initial)
            yield (make(0, 2), reduce, torch.tensor([0, 0]), None, None, 0,
                   False, initial)
            yield (make(5, 0), reduce, torch.tensor([5, 0]), None, None, 0,
                   False, initial)
        x = make(9)
        x[::4] = float("nan")
        x[2] = float("inf")
        yield (x, reduce, torch.tensor([1, 2, 3, 3]), None, None, 0, False,
               None)
    yield (make(9), "max", torch.tensor([1, 8]), None, None, 0, False,
           float("nan"))


def bad(make):
    x, lengths = make(5), torch.tensor([2, 3])
    rest = 0, False, None
    yield (x, "median", lengths, None, None, *rest), "reduce argument"
    yield (x, "sum", None, None, None, *rest), "Either lengths or offsets"
    yield (x, "sum", lengths, lengths, None, *rest), "indices based reduction"
    yield (x, "sum", lengths + 1, None, None, *rest), "to sum to"
    yield (x, "sum", lengths - 1, None, None, *rest), "to sum to"
    yield ((x, "sum", torch.tensor([-1, 6]), None, None, *rest),
           "negative value")
    yield (x, "sum", lengths[None], None, None, *rest), "has 1 dimensions"
    yield ((make(2, 5), "sum", lengths, None, None, 1, False, None),
           "the last dimension of lengths")
    yield (x, "sum", lengths, None, None, 3, False, None), "out of range"
    yield (x, "sum", lengths.short(), None, None, *rest), "'Short'"
    yield (x.int(), "sum", lengths, None, None, *rest), "for 'Int'"
    yield (x, "sum", lengths[:0], None, None, *rest), "may not be empty"
    yield ((x, "sum", None, None, torch.tensor([3, 2]), *rest),
           "from 3 to 2 does not lie inside")
    # torch reads out of bounds.
    yield Bad((x, "sum", lengths + 1, None, None, 0, True, None),
              "there is more", torch_refuses=False)
    yield Bad((x, "sum", None, None, torch.tensor([0, 6]), *rest),
              "from 0 to 6", torch_refuses=False)
    yield Bad((x, "sum", None, None, torch.tensor([-1, 5]), *rest),
              "from 0 to -1", torch_refuses=False)
    yield Bad((make(2, 5), "sum", torch.tensor([[5], [5], [5]]), None, None, 1,
               False, None), "size 3 in dimension 0, but data 2",
              torch_refuses=False)
    # torch dereferences the handle.
    yield Bad((None, "sum", lengths, None, None, *rest), "NULL",
              torch_refuses=False)
