# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, CPU, FLOATS, LOW_FLOATS, NO_DEVICE, op

aten = torch.ops.aten


def samples(make):
    for sizes in [(5,), (3, 4), (6, 7, 2), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield x, None, None, NO_DEVICE, None, None
    yield make(), None, None, NO_DEVICE, None, None
    yield make(0, 3), None, None, NO_DEVICE, None, None
    x = make(2, 3, 4, 5, layout="channels_last")
    yield x, torch.float64, torch.strided, CPU, False, torch.contiguous_format
    yield x.contiguous(), None, None, NO_DEVICE, None, torch.channels_last


def generator_samples(make):
    for x in make.layouts(6, 5):
        yield x, None, None, None, NO_DEVICE, None, None


def bad(make):
    yield ((make(3, dtype=torch.int64), None, None, NO_DEVICE, None, None),
           "not implemented for 'Long'")
    yield ((make(3), None, None, NO_DEVICE, None, torch.channels_last),
           "required rank 4")


op("aoti_torch_cpu_randn_like", aten=aten.randn_like.default,
   dtypes=FLOATS + LOW_FLOATS + COMPLEX, exact=True, seed=11)
op("aoti_torch_cpu_randn_like_generator", aten=aten.randn_like.generator,
   dtypes=FLOATS, exact=True, seed=3, samples=generator_samples, bad=False)
