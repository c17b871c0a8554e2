# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, Floats, op


op("aoti_torch_cpu_histogram_bin_ct", aten=torch.ops.aten.histogram.bin_ct,
   dtypes=FLOATS + LOW_FLOATS)


def samples(make):
    low = make.dtype in LOW_FLOATS  # wants a range
    ends = Floats([-1.0, 1.5])
    for sizes in [(7,), (3, 4), (3, 4, 5), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            for density in (False, True):
                yield x, 7, ends, None, density
                yield (x, 6, ends, make(*sizes, low=0.0, high=1.0), density)
                if not low:
                    yield x, 10, None, None, density
        for weight in make.layouts(*sizes):
            yield make(*sizes), 5, Floats([-1.0, 1.0]), weight, False
    wide = make(1000, low=0, high=9)
    for bins, ends in [(9, [0.0, 9.0]), (90, [0.0, 9.0]), (33, [0.3, 7.7])]:
        ends = Floats(ends)
        yield wide, bins, ends, None, False
        yield wide.round(), bins, ends, None, False  # on the edges
    yield make(0), 4, None, None, False
    yield make(0), 4, None, make(0), False
    yield make(3), 4, Floats([1.0, 1.0]), None, False
    yield make(), 3, Floats([0.0, 1.0]), None, False
    yield make(2, 3), 3, Floats([0.0, 1.0]), make(6), False


def bad(make):
    x = make(5)
    yield (x, 0, None, None, False), "bins must be > 0, but got 0"
    yield ((x, 4, Floats([1.0]), None, False),
           "range should have 2 elements, but got 1")
    yield (x, 4, Floats([2.0, 1.0]), None, False), "min 2 max 1"
    yield (x / 0, 4, None, None, False), "is not finite"
    yield (x, 4, None, make(4), False), "4 weights for 5 points"
    yield (x, 4, None, x.double(), False), "the same dtype"
    yield (x.half(), 4, None, None, False), "not implemented for 'Half'"
    yield ((x.int(), 4, Floats([0.0, 1.0]), None, False),
           "not implemented for 'Int'")
    # torch dereferences the handle.
    yield Bad((None, 4, None, None, False), "NULL", torch_refuses=False)


def with_edges(make):
    for sizes in [(7,), (3, 4), (3, 4, 5), (2, 3, 4, 5)]:
        edges = make(6).sort().values
        for x in make.layouts(*sizes):
            for density in (False, True):
                yield x, edges, None, density
                yield x, edges, make(*sizes, low=0.0, high=1.0), density
        for weight in make.layouts(*sizes):
            yield make(*sizes), edges, weight, False
    steps = torch.tensor([0.0, 1.0, 1.0, 2.5, 7.0, 8.0]).to(make.dtype)
    # PyTorch counts in the dtype, each thread its own points: in bf16 it stops at
    # 256. Ours counts all.
    wide = make(400, low=0, high=9)
    for edges in (steps, steps[:2], make(12, 2).sort(0).values.T[0]):
        yield wide, edges, None, False
        yield wide.round(), edges, None, False  # on the edges
    yield make(0), steps, make(0), False
    yield make(), steps, None, True
    yield make(2, 3), steps, make(6), False


def bad_edges(make):
    x, edges = make(5), make(4).sort().values
    yield (x, edges[:1], None, False), "bins must be > 0, but got 0"
    yield (x, edges[:0], None, False), "at least 1 element"
    yield (x, edges[None], None, False), "one dimension, but got 2 dimensions"
    yield (x, edges.double(), None, False), "the same dtype"
    yield (x, edges, make(4), False), "4 weights for 5 points"
    yield (x, edges, make(5).double(), False), "the same dtype"
    yield (x.int(), edges.int(), None, False), "not implemented for 'Int'"
    yield (None, edges, None, False), "self: expected a tensor, got None"
    yield (x, None, None, False), "bins: expected a tensor, got None"


op("aten::histogram.bins_tensor", aten=torch.ops.aten.histogram.bins_tensor,
   dtypes=FLOATS + LOW_FLOATS, samples=with_edges, bad=bad_edges)
