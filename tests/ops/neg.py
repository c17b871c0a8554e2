# SPDX-License-Identifier: Apache-2.0
import torch
from harness import ALL_COMPLEX, Bad, op

op("aten::neg", aten=torch.ops.aten.neg.default,
   dtypes=ALL_COMPLEX)


def samples(make):
    for sizes in [(7,), (3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield x,
    yield make(),
    yield make(0, 3),
    yield make(70000),


def bad(make):
    # PyTorch compiles it for real tensors: they do not come by name.
    yield Bad((make(3).real.clone(),), "complex64 and complex128",
              torch_refuses=False)
    yield (None,), "self: expected a tensor, got None"
