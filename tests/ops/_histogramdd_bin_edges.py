# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

aten = torch.ops.aten


def bad(make):
    x = make(5, 2)
    yield (make(5), [2], None, None, False), "at least 2 dimensions, but got 1"
    yield (x, [2, 2, 2], None, None, False), "size of bins must be equal"
    # torch makes no edge of -1 bins.
    yield Bad((x, [2, -1], None, None, False), "-1 bins for dimension 1",
              torch_refuses=False)
    yield (x, [2, 2], [0.0, 1.0], None, False), "range should have 4 elements"
    yield ((x, [2, 2], [0.0, 1.0, 3.0, 2.0], None, False),
           "min 3 max 2 for dimension 1")
    yield (x.half(), [2, 2], None, None, False), "not implemented for 'Half'"
    yield (x.int(), [2, 2], None, None, False), "not implemented for 'Int'"
    yield (x * float("nan"), [2, 2], None, None, False), "is not finite"
    # The list of results is as long as the model says.
    yield Bad((make(5, 3), [2, 2, 2], None, None, False),
              "has room for 2 tensors", torch_refuses=False)
    yield (None, [2, 2], None, None, False), "self: expected a tensor, got None"


def samples_of(dims):
    def samples(make):
        low = make.dtype in LOW_FLOATS  # wants a range
        bins = [4, 3, 5][:dims]
        range = [-1.0, 1.0, -0.5, 2.0, -2.0, 0.0][:2 * dims]
        for x in make.layouts(50, dims):
            yield x, bins, range, None, False
            if not low:
                yield x, bins, None, make(50), True
        for x in make.layouts(3, 4, dims):
            yield x, [1, 20, 33][:dims], range, None, False
        yield make(4, dims), [0, 1, 2][:dims], range, None, False
        yield make(0, dims), bins, None, None, False
        yield torch.ones(4, dims, dtype=make.dtype), bins, [2.0] * 2 * dims, None, False
    return samples


# One entry for each length of the list of results.
for dims in (1, 2, 3):
    op("aten::_histogramdd_bin_edges",
       aten=aten._histogramdd_bin_edges.default, dtypes=FLOATS + LOW_FLOATS,
       outputs=["Tensor"] * dims, samples=samples_of(dims),
       bad=bad if dims == 2 else False)
