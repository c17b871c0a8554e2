# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, CPU, FLOATS, LOW_FLOATS, NO_DEVICE, op

aten = torch.ops.aten


def samples(make):
    for size in [[], [0], [3], [15], [16], [17], [37], [5, 7], [33, 40],
                 [1000], [2, 0, 4], [2, 3, 4, 5]]:
        yield size, make.dtype, None, NO_DEVICE, None
    yield [50], make.dtype, torch.strided, CPU, False
    if make.dtype == torch.float32:
        yield [20], None, None, NO_DEVICE, None


def generator_samples(make):
    for size, *options in samples(make):
        yield size, None, *options


def bad(make):
    yield ([3], torch.int64, None, NO_DEVICE, None), "not implemented for 'Long'"
    yield ([-1], None, None, NO_DEVICE, None), "-1"


op("aoti_torch_cpu_randn", aten=aten.randn.default,
   dtypes=FLOATS + LOW_FLOATS + COMPLEX, exact=True, seed=7)
op("aoti_torch_cpu_randn_generator", aten=aten.randn.generator,
   dtypes=FLOATS + LOW_FLOATS, exact=True, seed=2**40 + 5,
   samples=generator_samples, bad=False)
