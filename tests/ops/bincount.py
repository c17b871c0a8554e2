# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, LOW_FLOATS, op

# One addition after the other, as PyTorch makes them.
op("aten::bincount", aten=torch.ops.aten.bincount.default, dtypes=INTEGERS,
   exact=True)


def samples(make):
    for count in (1, 7, 300):
        for x in make.layouts(count, low=0, high=9):
            yield x, None, 0
            yield x, None, 12
            yield x, None, 3
            for dtype in FLOATS + LOW_FLOATS + INTEGERS + (torch.bool,):
                yield x, make(count, dtype=dtype), 0
        for layout in ("sliced", "offset", "expanded"):
            weights = make(count, dtype=torch.float32, layout=layout)
            yield make(count, low=0, high=5), weights, 7
    yield make(0), None, 0
    yield make(0), None, 4
    yield make(0), make(0, dtype=torch.float32), 4


def bad(make):
    x = make(5, low=0, high=5).long()
    yield (x - 9, None, 0), "non-negative"
    yield (x.view(1, 5), None, 0), "1-d"
    yield (x[0], None, 0), "1-d"
    yield (x, None, -1), "minlength should be >= 0"
    yield (x, make(4).float(), 0), "same length"
    yield (x, make(5, 1).float(), 0), "same length"
    yield (x.float(), None, 0), "not implemented for 'Float'"
    yield (x.bool(), None, 0), "not implemented for 'Bool'"
    yield (None, None, 0), "self: expected a tensor, got None"
