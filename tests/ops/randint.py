# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, LOW_FLOATS, NO_DEVICE, op

aten = torch.ops.aten
DTYPES = FLOATS + LOW_FLOATS + INTEGERS


def bounds(make):
    yield 0, 2
    yield 3, 100
    if make.dtype not in (torch.uint8, torch.int8):
        yield -5, 200
    if make.dtype in FLOATS + (torch.int32, torch.int64):
        yield 0, 1 << 20
        yield -(1 << 27), 1 << 27  # two words of the generator from here on
    if make.dtype == torch.int64:
        yield -2**62, 2**62
        yield -2**63, 2**63 - 1


def low_samples(make):
    for low, high in bounds(make):
        yield low, high, [40], make.dtype, None, NO_DEVICE, None
    yield 0, 5, [], make.dtype, None, NO_DEVICE, None
    yield 0, 5, [3, 0], make.dtype, None, NO_DEVICE, None
    yield 0, 5, [3, 4], None, None, NO_DEVICE, None


def samples(make):
    for low, *rest in low_samples(make):
        if low == 0:
            yield rest


def generator_samples(make):
    for high, size, *options in samples(make):
        yield high, size, None, *options


def out_samples(make):
    for x in make.layouts(4, 5):
        if x.stride(0) != 0:
            yield x, 1, 60, [4, 5]
    yield make(0), 0, 3, [0]


def low_bad(make):
    yield ((5, 5, [3], None, None, NO_DEVICE, None),
           "'from' to be less than 'to'")
    yield ((0, 300, [3], torch.uint8, None, NO_DEVICE, None),
           "out of bounds for")
    yield (0, 3, [-2], None, None, NO_DEVICE, None), "-2"


op("aoti_torch_cpu_randint_low", aten=aten.randint.low, dtypes=DTYPES,
   samples=low_samples, bad=low_bad, exact=True, seed=7)
op("aoti_torch_cpu_randint", aten=aten.randint.default, dtypes=DTYPES,
   exact=True, seed=8)
op("aoti_torch_cpu_randint_generator", aten=aten.randint.generator,
   dtypes=DTYPES, samples=generator_samples, exact=True, seed=9)
op("aoti_torch_cpu_randint_low_out", aten=aten.randint.low_out, outputs=(),
   dtypes=DTYPES, samples=out_samples, exact=True, seed=10)
