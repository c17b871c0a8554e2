# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, Bad, op)

aten = torch.ops.aten
ALL = FLOATS + INTEGERS + LOW_FLOATS + COMPLEX + BOOL


def places(make, x, dim, length):
    """Indices of which no two are the same place: torch says not which of
    several values stays."""
    sizes = [n if d != dim else length for d, n in enumerate(x.shape)]
    order = torch.rand(x.shape, generator=make.generator).argsort(dim)
    return order.narrow(dim, 0, length)


def cases(make):
    for x in make.layouts(4, 5, 6):
        if 0 in x.stride():
            continue
        for dim in (0, 1, 2, -1):
            yield x, dim, places(make, x, dim % 3, 3)
            yield x, dim, places(make, x, dim % 3, 2)[:2, :3].contiguous()
    # Rows that are long enough for indices in 16 bits, and too long for them.
    for x in (make(3, 4, 11), make(4, 11, 3).transpose(1, 2),
              make(4, 6, 11)[1:, ::2], make(2, 19), make(9, 8)):
        yield x, -1, places(make, x, x.dim() - 1, x.shape[-1])
        yield x, -1, places(make, x, x.dim() - 1, 8)[1:].contiguous()
    yield make(2, 40000), 1, make.order(80000).reshape(2, -1)[:, :9] % 40000
    yield make(7), 0, make.order(7)[:4]
    yield make(7), 0, make.order(7)[:4].int()
    yield make(), 0, torch.tensor(0)
    yield make(), 0, torch.tensor([0])
    yield make(3, 4), 0, torch.zeros(0, dtype=torch.int64)
    yield make(0, 4), 1, torch.zeros(0, 4, dtype=torch.int64)


def samples(make):
    for x, dim, index in cases(make):
        for src in (make(*index.shape), make(*[n + 1 for n in index.shape])):
            yield torch.empty_like(x).fill_(1), x, dim, index, src
        if index.dim() > 1:
            src = make(*index.shape, layout="transposed")
            yield x.clone(), x, dim, index, src


def value_samples(make):
    for x, dim, index in cases(make):
        yield x.clone(), x, dim, index, 3.0
    yield make(5), make(5), 0, torch.tensor([1]), 1.0


def bad(make):
    x, index = make(5, 6), torch.zeros(2, 3, dtype=torch.int64)
    out = x.clone()
    yield ((out, x, 0, index + 7, make(2, 3)),
           "index 7 is out of bounds for dimension 0 with size 5")
    yield (out, x, 0, index - 1, make(2, 3)), "index -1 is out of bounds"
    yield (out, x, 2, index, make(2, 3)), "Dimension out of range"
    yield (out, x, 0, index, make(2, 2)), "to be no larger than"
    yield (out, x, 0, index.repeat(1, 4), make(2, 12)), "to be no larger than"
    yield (out, x, 0, index[0], make(3)), "same number of dimensions"
    yield (out, x, 0, index, make(2, 3).double()), "self.dtype to be equal"
    yield (out, x, 0, index.float(), make(2, 3)), "for index"
    yield ((make(1).expand(5), make(5), 0, index[0], make(3)),
           "single memory location")
    for wrong in (-1, 9, 2**15, 2**16 + 1, 2**32, -2**40, 2**63 - 1):
        for at in (0, 17):
            index = torch.zeros(2, 9, dtype=torch.int64)
            index.view(-1)[at] = wrong
            yield ((make(2, 9), make(2, 9), 1, index, make(2, 9)),
                   f"index {wrong} is out of bounds for dimension 1 with size 9")
    # torch gives the result other sizes, with a warning.
    yield Bad((make(4, 6), x, 0, index, make(2, 3)), "out dim 0",
              torch_refuses=False)


def value_bad(make):
    x, index = make(5, 6), torch.zeros(2, 3, dtype=torch.int64)
    yield ((x.clone(), x, 1, index + 6, 1.0),
           "index 6 is out of bounds for dimension 1 with size 6")


for symbol in ("aoti_torch_scatter_out", "aoti_torch_cpu_scatter_src_out"):
    op(symbol, aten=aten.scatter.src_out, outputs=(), dtypes=ALL, exact=True)
op("aoti_torch_cpu_scatter_value_out", aten=aten.scatter.value_out, outputs=(),
   dtypes=ALL, samples=value_samples, bad=value_bad, exact=True)
