# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, FLOATS, INTEGERS, LOW_FLOATS, Bad, op

aten = torch.ops.aten
ALL = FLOATS + INTEGERS + LOW_FLOATS + BOOL


def targets(make):
    for sizes in [(5,), (3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            if 0 not in x.stride():
                yield x
    yield make()
    yield make(0, 3)


def samples(make):
    for x in targets(make):
        yield x, 0.3, None
    yield make(100), 0.0, None
    yield make(100), 1.0, None


def tensor_samples(make):
    for x in targets(make):
        for dtype in FLOATS + LOW_FLOATS:
            yield x, make(*x.shape, dtype=dtype, low=0.0, high=1.0), None
            yield x, make(dtype=dtype, low=0.0, high=1.0), None
        p = make(*x.shape, layout="transposed" if x.dim() > 1 else "contiguous",
                 dtype=torch.float32, low=0.0, high=1.0)
        yield x, p, None


def bad(make):
    yield (make(3), 1.5, None), "p to be in [0, 1], but got p=1.5"
    yield (make(3), float("nan"), None), "p to be in [0, 1]"
    yield (make(1).expand(4), 0.5, None), "single memory location"


def tensor_bad(make):
    yield (make(3), torch.tensor([0.5, 2.0, 0.1]), None), "p=2"
    yield (make(3), torch.rand(4), None), "must match"
    # torch asks for a floating dtype of p later, and in other words.
    yield Bad((make(3), torch.tensor([1, 0, 1]), None), "'Long'",
              torch_refuses=False)


op("aoti_torch_cpu_bernoulli__float", aten=aten.bernoulli_.float, outputs=(),
   dtypes=ALL, exact=True, seed=7)
op("aoti_torch_cpu_bernoulli__Tensor", aten=aten.bernoulli_.Tensor, outputs=(),
   dtypes=ALL, samples=tensor_samples, bad=tensor_bad, exact=True, seed=8)
