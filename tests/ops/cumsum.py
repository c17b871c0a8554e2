# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_cumsum", aten=torch.ops.aten.cumsum.default,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS + COMPLEX + BOOL)


def samples(make):
    for sizes in [(7,), (3, 4), (3, 4, 5), (2, 3, 4, 5), (130, 70)]:
        for x in make.layouts(*sizes):
            for dim in range(-len(sizes), len(sizes)):
                yield x, dim, None
            yield x, 0, torch.float64 if not x.is_complex() else None
    yield make(), 0, None
    yield make(), -1, None
    yield make(0, 4), -1, None
    yield make(4, 0), 0, torch.int64 if not make.dtype.is_complex else None
    if make.dtype in INTEGERS:
        yield make(3, 40), 1, make.dtype
        yield make(3, 40), 1, torch.float16


def bad(make):
    yield (make(3, 4), 2, None), "Dimension out of range"
    yield (make(), 1, None), "Dimension out of range"
    yield (make(3), 0, torch.bool), "not implemented for 'Bool'"
    # torch dereferences the handle.
    yield Bad((None, 0, None), "NULL", torch_refuses=False)
