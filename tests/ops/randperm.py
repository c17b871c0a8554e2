# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, LOW_FLOATS, NO_DEVICE, op

op("aoti_torch_cpu_randperm", aten=torch.ops.aten.randperm.default,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS, exact=True, seed=7)


def samples(make):
    for n in (0, 1, 2, 10, 100):
        yield n, make.dtype, None, NO_DEVICE, None
    if make.dtype == torch.int64:
        yield 100000, None, None, NO_DEVICE, None


def bad(make):
    yield (-1, None, None, NO_DEVICE, None), "non-negative"
    yield (300, torch.uint8, None, NO_DEVICE, None), "too large"
