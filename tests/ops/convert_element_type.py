# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, COMPLEX, FLOATS, INTEGERS, Bad, op

op("prims::convert_element_type",
   aten=torch.ops.prims.convert_element_type.default,
   dtypes=COMPLEX + FLOATS + INTEGERS + BOOL)


def samples(make):
    for dtype in COMPLEX:
        for x in make.layouts(2, 3, 4, 5):
            yield x, dtype
        yield make(), dtype
        yield make(0, 3), dtype
        yield make(7), make.dtype


def bad(make):
    # PyTorch takes None for the tensor's own dtype.
    yield Bad((make(3), None), "expected a dtype", torch_refuses=False)
    yield (None, torch.float32), "a: expected a tensor, got None"
