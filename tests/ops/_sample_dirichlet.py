# SPDX-License-Identifier: Apache-2.0
import torch
from harness import Bad, op

op("aten::_sample_dirichlet", aten=torch.ops.aten._sample_dirichlet.default,
   seed=7)


def samples(make):
    for sizes in [(5,), (3, 4), (2, 3, 4, 5), (3, 300)]:
        for x in make.layouts(*sizes, low=0.0, high=3.0):
            yield x, None
    yield make(4, 1, low=1.0, high=2.0), None
    yield make(20, 3, low=0.0, high=0.001), None
    yield torch.zeros(2, 3, dtype=make.dtype), None
    yield make(low=1.0, high=2.0), None
    yield make(0, 3), None
    yield make(3, 0), None


def bad(make):
    yield (make(3).half(), None), "not implemented for 'Half'"
    yield (make(3).int(), None), "not implemented for 'Int'"
    # torch never returns.
    yield Bad((torch.tensor([1.0, -2.0]), None), "got -2", torch_refuses=False)
    yield (None, None), "self: expected a tensor, got None"
