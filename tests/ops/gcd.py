# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, FLOATS, INTEGERS, UNSIGNED, Bad, op

op("aoti_torch_cpu_gcd", aten=torch.ops.aten.gcd.default, dtypes=INTEGERS)


def samples(make):
    for x in make.layouts(3, 4, 5):
        yield x, make(3, 4, 5)
        yield make(4, 1), x
    yield make(), make()
    yield make(0, 3), make(3)
    yield make(70000, low=0, high=100), make(70000, low=0, high=100)
    limits = torch.iinfo(make.dtype)
    edge = torch.tensor([limits.min, limits.max, 0, 1, 6, limits.min + 1]).to(
        make.dtype)
    yield edge.view(-1, 1), edge.view(1, -1)
    for other in (torch.int64, torch.uint8, torch.bool):
        yield make(2, 3), make(2, 3, dtype=other)
        yield make(2, 3), make(dtype=other)


def bad(make):
    for dtype in FLOATS + BOOL + UNSIGNED:
        yield (make(2, dtype=dtype),) * 2, "\"gcd_cpu\" not implemented for"
    yield (make(2, 3), make(2, 4)), "must match the size of tensor b (4)"
    yield Bad((None, make(2)), "self is a NULL", torch_refuses=False)
    yield Bad((make(2), None), "other is a NULL", torch_refuses=False)
