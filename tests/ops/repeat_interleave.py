# SPDX-License-Identifier: Apache-2.0
import torch
from harness import INTEGERS, Bad, op

aten = torch.ops.aten


def samples(make):
    for x in make.layouts(7, low=0, high=5):
        yield x, None
        yield x, int(x.sum())
    yield make(0), None
    yield make(0), 4
    yield torch.zeros(3, dtype=make.dtype), None
    yield torch.ones(300, dtype=make.dtype), 300  # more than a byte can name


def bad(make):
    x = torch.tensor([1, 2], dtype=make.dtype)
    yield (-x, None), "repeats can not be negative"
    yield (-x, -3), "repeats can not be negative"
    yield (x, 4), "allocated size does not match required size"
    yield (x[None], None), "only accept 1D vector"
    yield (x.float(), None), "not implemented for 'Float'"
    yield (x.bool(), None), "not implemented for 'Bool'"
    # torch's sum wraps around.
    yield Bad((torch.full((3,), 2 ** 62), None), "too many",
              torch_refuses=False)
    # torch dereferences the handle.
    yield Bad((None, None), "NULL", torch_refuses=False)


for symbol in ("aoti_torch_cpu_repeat_interleave_Tensor",
               "aoti_torch_repeat_interleave_Tensor"):
    op(symbol, aten=aten.repeat_interleave.Tensor, exact=True,
       dtypes=(torch.int64,) + INTEGERS[:-1])
