# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, FLOATS, INTEGERS, LOW_FLOATS, op

aten = torch.ops.aten
REDUCTIONS = ("sum", "prod", "mean", "amax", "amin")


def samples(make):
    for reduce in REDUCTIONS:
        if reduce == "mean" and make.dtype == torch.bool:
            continue
        for include_self in (True, False):
            for x in make.layouts(4, 5, 6):
                if 0 in x.stride():
                    continue
                for dim in (0, 1, -1):
                    index = make.index(3, 2, 4, below=x.shape[dim])
                    src = make(3, 3, 5)
                    yield (torch.empty_like(x).fill_(1), x, dim, index, src,
                           reduce, include_self)
            x = make(7)
            yield (x.clone(), x, 0, make.index(9, below=7), make(9), reduce,
                   include_self)
            yield (make(), make(), 0, torch.tensor(0), make(), reduce,
                   include_self)
            yield (x.clone(), x, 0, torch.zeros(0, dtype=torch.int64), make(3),
                   reduce, include_self)
            index = make.index(6, below=5)[:, None].expand(6, 4)
            yield (make(5, 4), make(5, 4), 0, index, make(6, 4), reduce,
                   include_self)
            # Rows that are long enough for indices in 16 bits.
            for sizes in [(3, 4, 11), (2, 19), (40,)]:
                x, index = make(*sizes), make.index(*sizes, below=sizes[-1])
                yield (x.clone(), x, -1, index, make(*sizes), reduce,
                       include_self)
                more = make(*[n + 1 for n in sizes])
                yield x.clone(), x, -1, index, more, reduce, include_self
        # So many to one place that counts are rounded in bfloat16, and wrap
        # around in 8 bits.
        many = torch.zeros(300, dtype=torch.int64)
        many[280:] = torch.arange(20) % 4
        if reduce in ("sum", "mean"):
            yield make(4), make(4), 0, many, make(300), reduce, True
            yield make(4), make(4), 0, many, make(300), reduce, False
        if make.dtype.is_floating_point:
            x = make(5)
            x[1] = float("nan")
            src = make(4)
            src[0] = float("nan")
            yield x.clone(), x, 0, torch.arange(4), src, reduce, True
            x, src = make(2, 9), make(2, 9)
            x[0, 1] = src[0, 3] = src[1, 4] = float("nan")
            yield (x.clone(), x, 1, make.index(2, 9, below=9), src, reduce,
                   True)


def bad(make):
    x, index = make(5, 6), torch.zeros(2, 3, dtype=torch.int64)
    out = x.clone()
    yield ((out, x, 0, index + 5, make(2, 3), "sum", True),
           "index 5 is out of bounds for dimension 0 with size 5")
    yield (out, x, 0, index, make(2, 3), "median", True), "reduce argument"
    yield (out, x, 0, index, make(2, 3).double(), "sum", True), "self.dtype"
    yield (out, x, -3, index, make(2, 3), "sum", True), "Dimension out of range"


for symbol in ("aoti_torch_scatter_reduce_out",
               "aoti_torch_cpu_scatter_reduce_two_out"):
    op(symbol, aten=aten.scatter_reduce.two_out, outputs=(),
       dtypes=FLOATS + INTEGERS + LOW_FLOATS + BOOL)
