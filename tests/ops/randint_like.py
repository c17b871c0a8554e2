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


def tensor_samples(make):
    for x in make.layouts(6, 5):
        yield x, torch.tensor(100), None, None, None, None, None
    for high in (7.9, 7, True):
        yield make(3, 2), torch.tensor(high), None, None, None, None, None
    yield make(), torch.tensor(7), torch.int64, None, None, None, None
    yield (make(2, 3, 4, 5), torch.tensor(7), torch.int8, torch.strided, None,
           False, torch.channels_last)
    yield make(0, 3), torch.tensor(7), None, None, None, None, None


def bad_tensor(make):
    rest = (None,) * 5
    yield (make(3), torch.tensor([7]), *rest), "high must be a scalar tensor"
    yield (make(3), torch.tensor(0), *rest), "'from' to be less than 'to'"
    yield ((make(3), torch.tensor(500), torch.int8, None, None, None, None),
           "out of bounds")
    yield (make(3), None, *rest), "high: expected a tensor, got None"


op("aten::randint_like.Tensor", aten=aten.randint_like.Tensor,
   dtypes=DTYPES, samples=tensor_samples, bad=bad_tensor, exact=True, seed=7)
