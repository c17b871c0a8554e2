# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, LOW_FLOATS, NO_DEVICE, op

op("aoti_torch_cpu_randperm", aten=torch.ops.aten.randperm.default,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS, exact=True, seed=7)


def samples(make):
    for n in (0, 1, 2, 10, 100):
        yield n, make.dtype, None, NO_DEVICE, None
    longest = {torch.uint8: 256, torch.int8: 128, torch.int16: 32768,
               torch.float16: 2049}
    yield longest.get(make.dtype, 1000), make.dtype, None, NO_DEVICE, None
    if make.dtype == torch.int64:
        yield 100000, None, None, NO_DEVICE, None


def bad(make):
    yield (-1, None, None, NO_DEVICE, None), "non-negative"
    for n, dtype in ((257, torch.uint8), (129, torch.int8),
                     (32769, torch.int16), (2050, torch.float16)):
        yield (n, dtype, None, NO_DEVICE, None), "too large"
    for dtype in (torch.bool, torch.uint16, torch.complex64):
        yield (3, dtype, None, NO_DEVICE, None), "not implemented"
