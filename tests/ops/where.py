# SPDX-License-Identifier: Apache-2.0
import torch
from harness import ALL_COMPLEX, Bad, op

op("aten::where.self", aten=torch.ops.aten.where.self, dtypes=ALL_COMPLEX,
   exact=True)


def samples(make):
    for sizes in [(7,), (3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield make(*sizes, dtype=torch.bool), x, make(*sizes)
    yield make(2, 1, dtype=torch.bool), make(1, 3), make(3)
    yield make(3, dtype=torch.bool), make(3), make(3).real.clone()
    yield make(3, dtype=torch.bool), make() * float("nan"), make(3)
    yield make(0, dtype=torch.bool), make(0), make(1)


def bad(make):
    condition = make(3, dtype=torch.bool)
    yield (condition.float(), make(3), make(3)), "boolean tensor"
    yield (condition, make(3), make(4)), "must match the size"
    # PyTorch compiles it for real tensors: they do not come by name.
    yield Bad((condition, make(3).real.clone(), make(3).real.clone()),
              "complex64 and complex128", torch_refuses=False)
    yield (None, make(2), make(2)), "condition: expected a tensor, got None"
