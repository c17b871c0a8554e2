# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, Bad, op

op("aten::div.Tensor", aten=torch.ops.aten.div.Tensor,
   dtypes=COMPLEX)


def samples(make):
    for sizes in [(7,), (3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield x, make(*sizes)
            yield x, x
    yield make(2, 1), make(1, 3)
    yield make(3), make(3).real.clone()
    yield make(3), torch.tensor(2, dtype=torch.int64)
    yield make(), make(3)
    yield make(0, 3), make(3)
    # Infinite, NaN and zero where PyTorch's are; far apart, and near the ends
    # of the range.
    inf, nan = float("inf"), float("nan")
    parts = [0.0, -0.0, 1.5, inf, -inf, nan, 1e-30, 1e30, 3e38]
    x = torch.tensor([complex(a, b) for a in parts for b in parts],
                     dtype=make.dtype)
    yield x[:, None], x
    yield x, make()


def bad(make):
    yield (make(2, 3), make(2, 4)), "must match the size of tensor b (4)"
    # PyTorch compiles it for real tensors: they do not come by name.
    yield Bad((make(3).real.clone(), make(3).real.clone()),
              "only for complex64 and complex128", torch_refuses=False)
    yield (None, make(2)), "self: expected a tensor, got None"
    yield (make(2), None), "other: expected a tensor, got None"
