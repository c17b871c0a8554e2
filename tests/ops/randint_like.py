# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, LOW_FLOATS, NO_DEVICE, op

aten = torch.ops.aten
DTYPES = FLOATS + LOW_FLOATS + INTEGERS


def samples(make):
    for x in make.layouts(6, 5):
        yield x, 100, None, None, NO_DEVICE, None, None
    yield make(), 7, None, None, NO_DEVICE, None, None
    yield make(3), 7, torch.int64, None, NO_DEVICE, None, None


def low_samples(make):
    for x, *rest in samples(make):
        yield x, 3, *rest


def bad(make):
    yield ((make(3), 0, None, None, NO_DEVICE, None, None),
           "'from' to be less than 'to'")


op("aoti_torch_cpu_randint_like", aten=aten.randint_like.default,
   dtypes=DTYPES, exact=True, seed=7)
op("aoti_torch_cpu_randint_like_low_dtype", aten=aten.randint_like.low_dtype,
   dtypes=DTYPES, samples=low_samples, bad=False, exact=True, seed=7)
