# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_logcumsumexp", aten=torch.ops.aten.logcumsumexp.default,
   dtypes=FLOATS + LOW_FLOATS + COMPLEX)


def samples(make):
    for sizes in [(7,), (3, 4), (3, 4, 5), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            for dim in range(-1, len(sizes)):
                yield x, dim
    yield make(300) * 30, 0
    yield make(), 0
    yield make(0, 4), -1
    yield make(4, 0), 0
    inf, nan = float("inf"), float("nan")
    for row in [[-inf, -inf, 1, 2, inf, inf, 3], [1, nan, 2, inf],
                [inf, -inf, 1], [-inf, -inf], [inf, inf, -inf],
                [1e-30, -1e30, 1e4, 2]]:
        yield torch.tensor(row).to(make.dtype), 0
    if make.dtype.is_complex:
        yield torch.complex(torch.tensor([-inf, 1, -800, 0]),
                            torch.tensor([1.0, 2, 3, 3.14])).to(make.dtype), 0
        yield torch.complex(torch.tensor([1.0, nan, 2]),
                            torch.tensor([nan, 1, 2])).to(make.dtype), 0


def bad(make):
    yield (make(3, 4), 2), "Dimension out of range"
    yield (make(3, dtype=torch.int64), 0), "not implemented for 'Long'"
    # torch dereferences the handle.
    yield Bad((None, 0), "NULL", torch_refuses=False)
