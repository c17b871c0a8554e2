# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, op

op("aten::_histogramdd_from_bin_tensors",
   aten=torch.ops.aten._histogramdd_from_bin_tensors.default,
   dtypes=FLOATS + LOW_FLOATS)


def edges(make, *counts):
    return [make(n).sort().values for n in counts]


def samples(make):
    for dims in (1, 2, 3):
        for x in make.layouts(50, dims):
            for density in (False, True):
                bins = edges(make, *[4, 3, 5][:dims])
                yield x, bins, None, density
                yield x, bins, make(50, low=0.0, high=1.0), density
    for x in make.layouts(3, 4, 2):
        yield x, edges(make, 2, 9), make(3, 4), False
    steps = torch.tensor([-1.0, 0.0, 0.0, 2.0]).to(make.dtype)
    yield steps[:, None], [steps], None, False
    yield make(60, 2, low=-3.0, high=3.0), [steps, make(20, 2).T[0]], None, False
    yield make(0, 2), edges(make, 3, 4), None, False


def bad(make):
    x, bins = make(5, 2), edges(make, 3, 4)
    yield (make(5), bins[:1], None, False), "at least 2 dimensions, but got 1"
    yield (x, bins[:1], None, False), "expected 2 sequences of bin edges"
    yield (x, [], None, False), "expected 2 sequences of bin edges"
    yield (x, [bins[0], bins[1].double()], None, False), "the same dtype"
    yield (x, [bins[0], make(2, 2)], None, False), "but got 2 dimensions in"
    yield (x, [bins[0], make(0)], None, False), "at least 1 element"
    yield (x, [bins[0], make(1)], None, False), "got 0 for dimension 1"
    yield (x, bins, make(4), False), "same shape as the input"
    yield (x, bins, make(5).double(), False), "the same dtype"
    yield ((x.int(), [b.int() for b in bins], None, False),
           "not implemented for 'Int'")
    yield (None, bins, None, False), "self: expected a tensor, got None"
    yield (x, None, None, False), "bins: expected a list of tensors, got None"
