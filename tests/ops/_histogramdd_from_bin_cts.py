# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, Floats, op


op("aoti_torch_cpu__histogramdd_from_bin_cts",
   aten=torch.ops.aten._histogramdd_from_bin_cts.default,
   dtypes=FLOATS + LOW_FLOATS)


def samples(make):
    low = make.dtype in LOW_FLOATS  # wants a range
    ends = [-1.0, 1.0, -0.5, 2.0, -2.0, 0.0]
    for dims in (1, 2, 3):
        for x in make.layouts(50, dims):
            for density in (False, True):
                bins, range = [4, 3, 5][:dims], Floats(ends[:2 * dims])
                yield x, bins, range, None, density
                yield x, bins, range, make(50, low=0.0, high=1.0), density
                if not low:
                    yield x, bins, None, None, density
    for x in make.layouts(3, 4, 2):
        yield x, [2, 3], Floats(ends[:4]), make(3, 4), False
    yield make(0, 2), [2, 3], None, None, False
    yield make(3, 0), [], None, None, False


def bad(make):
    x = make(5, 2)
    yield (make(5), [2], None, None, False), "at least 2 dimensions, but got 1"
    yield (x, [2, 2, 2], None, None, False), "size of bins must be equal"
    yield (x, [2, 0], None, None, False), "got 0 for dimension 1"
    yield ((x, [2, 2], Floats([0.0, 1.0]), None, False),
           "range should have 4 elements")
    yield ((x, [2, 2], Floats([0.0, 1.0, 3.0, 2.0]), None, False),
           "min 3 max 2 for dimension 1")
    yield (x, [2, 2], None, make(4), False), "same shape as the input"
    yield (x, [2, 2], None, make(5).double(), False), "the same dtype"
    yield (x.half(), [2, 2], None, None, False), "not implemented for 'Half'"
    # torch dereferences the handle.
    yield Bad((None, [2, 2], None, None, False), "NULL", torch_refuses=False)
