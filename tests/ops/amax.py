# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, UNSIGNED,
                     Bad, op)

op("aoti_torch_aten_amax", aten=torch.ops.aten.amax.default, exact=True,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS + BOOL)


def samples(make):
    for x in make.layouts(2, 3, 4, 5):
        for dims in ([], [0], [1], [-1], [1, 3], [0, 2], [2, 3], [0, 1, 2, 3],
                     [3, 0, 1]):
            yield x, dims, False
            yield x, dims, True
    for sizes in [(7,), (300,), (3, 130), (130, 3), (130, 70), (300, 300)]:
        for dim in range(len(sizes)):
            yield make(*sizes), [dim], False
    yield make(), [], True
    yield make(), [0], False
    yield make(0, 3), [1], False
    yield make(3, 0), [0], True
    if make.dtype.is_floating_point:
        x = make(4, 100)
        x[0, 3] = x[1, 98] = float("nan")
        x[2] = float("-inf")
        x[3, 50] = float("inf")
        yield x, [1], False
        yield x.t().contiguous(), [0], False
        yield x, [0], False
    if make.dtype in INTEGERS:
        yield torch.full((3, 50), torch.iinfo(make.dtype).min,
                         dtype=make.dtype), [1], False


def bad(make):
    yield (make(0, 3), [0], False), "dim 0 to have non-zero size"
    yield (make(0, 3), [], False), "reduction dim to be specified"
    yield (make(2, 3), [1, -1], False), "dim 1 appears multiple times"
    yield (make(), [0, 0], False), "dim 0 appears multiple times"
    yield (make(2, 3), [2], False), "Dimension out of range"
    for dtype in UNSIGNED + COMPLEX + (torch.float8_e5m2,):
        yield (make(2, dtype=dtype), [0], False), "not implemented for"
    yield Bad((None, [0], False), "self is a NULL", torch_refuses=False)
