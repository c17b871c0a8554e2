# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, Bad, op

for name in ("cpu_", ""):
    op(f"aoti_torch_{name}view_dtype", aten=torch.ops.aten.view.dtype,
       exact=True, dtypes=FLOATS + LOW_FLOATS + INTEGERS)

SAME = {1: (torch.int8, torch.uint8), 2: (torch.int16, torch.uint16),
        4: (torch.int32, torch.uint32), 8: (torch.int64, torch.uint64)}


def samples(make):
    size = make.dtype.itemsize
    for x in make.layouts(2, 3, 4, 8):
        for dtype in SAME[size]:
            yield x, dtype
    for other, dtypes in SAME.items():
        yield make(3, 8), dtypes[0]
        yield make(3, 4, 8).transpose(0, 1), dtypes[1]
        yield make(3, 16)[1:, 8:], dtypes[1]
        yield make(0, 8), dtypes[0]
    yield make(), SAME[size][0]


def bad(make):
    # torch looks the number up beyond the end of a table.
    yield Bad((make(3), 999), "999 is no dtype", torch_refuses=False)
    yield (make(), torch.int64), "self.dim() cannot be 0"
    yield (make(3), torch.int64), "self.size(-1) must be divisible by 2"
    yield (make(4)[1:3], torch.int64), "storage_offset() must be divisible by 2"
    yield (make(3, 5)[:, :4], torch.int64), "self.stride(0) must be divisible"
    yield (make(4, 4).t(), torch.int64), "self.stride(-1) must be 1"
    yield (make(4, 4).t(), torch.int16), "self.stride(-1) must be 1"
    yield Bad((None, torch.int32), "self is a NULL", torch_refuses=False)
