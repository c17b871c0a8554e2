# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, CPU, FLOAT8, FLOATS, LOW_FLOATS, NO_DEVICE, op

op("aoti_torch_cpu_hann_window", aten=torch.ops.aten.hann_window.default,
   dtypes=FLOATS + LOW_FLOATS)


def samples(make):
    for length in (0, 1, 2, 3, 16, 100, 1024):
        yield length, make.dtype, None, NO_DEVICE, None
    yield 5, None, torch.strided, CPU, False


def bad(make):
    yield (-1, None, None, NO_DEVICE, None), "window_length=-1"
    yield (5, torch.int64, None, NO_DEVICE, None), "floating point dtypes"
    for dtype in FLOAT8[:1] + COMPLEX:
        yield (5, dtype, None, NO_DEVICE, None), "\"arange_cpu\" not impl"
