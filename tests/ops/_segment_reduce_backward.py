# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

aten = torch.ops.aten


op("aoti_torch_cpu__segment_reduce_backward",
   aten=aten._segment_reduce_backward.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True)


def call(make, data, reduce, lengths, offsets, axis, initial, grad=None):
    output = aten.segment_reduce(data, reduce, lengths=lengths,
                                 offsets=offsets, axis=axis, unsafe=True,
                                 initial=initial)
    grad = make(*output.shape) if grad is None else grad
    return grad, output, data, reduce, lengths, offsets, axis, initial


def samples(make):
    for reduce in ("sum", "mean", "prod", "max", "amax", "min", "amin"):
        for initial in (None, 2.5):
            for x in make.layouts(7, 3, 4):
                yield call(make, x, reduce, torch.tensor([3, 0, 4]), None, 0,
                           initial)
                rounded = x.round()  # equal ones, and zeros
                yield call(make, rounded, reduce, None,
                           torch.tensor([0, 2, 2, 7]).int(), 0, initial)
            for grad in make.layouts(3, 3, 4):
                yield call(make, make(7, 3, 4), reduce,
                           torch.tensor([3, 0, 4]), None, 0, initial, grad)
            wide = make(9, 37).round()
            wide[2, ::5] = float("nan")
            yield call(make, wide, reduce, torch.tensor([4, 5]), None, 0,
                       initial)
            lengths = torch.tensor([[1, 2], [3, 0], [0, 3]])
            yield call(make, make(3, 3, 5), reduce, lengths, None, 1, initial)
            yield call(make, make(2, 4), reduce, None,
                       torch.tensor([[0, 1, 4], [2, 2, 3]]), 1, initial)
            yield call(make, make(0, 2), reduce, torch.tensor([0, 0]), None, 0,
                       initial)
        x = make(9)
        x[::4] = float("nan")
        x[2] = float("inf")
        yield call(make, x, reduce, torch.tensor([1, 2, 3, 3]), None, 0, None)


def bad(make):
    x, lengths = make(5), torch.tensor([2, 3])
    grad = make(2)
    yield (grad, grad, x, "median", lengths, None, 0, None), "reduce argument"
    yield (grad, grad, x, "sum", None, None, 0, None), "Either lengths or"
    yield (grad.double(), grad, x, "sum", lengths, None, 0, None), "for grad"
    yield (grad, grad.double(), x, "sum", lengths, None, 0, None), "for output"
    yield (grad, grad, x, "sum", lengths, None, 1, None), "out of range"
    # torch reads out of bounds.
    yield Bad((make(1), grad, x, "sum", lengths, None, 0, None),
              "grad has sizes [1]", torch_refuses=False)
    yield Bad((grad, make(3), x, "sum", lengths, None, 0, None),
              "output has sizes [3]", torch_refuses=False)
    yield Bad((grad, grad, x, "sum", lengths + 1, None, 0, None),
              "there is more", torch_refuses=False)
    # torch dereferences the handle.
    yield Bad((None, grad, x, "sum", lengths, None, 0, None), "NULL",
              torch_refuses=False)
