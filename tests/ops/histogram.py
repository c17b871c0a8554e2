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
