# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, LOW_FLOATS, Bad, op

# Exact: of equal elements the one that torch's partitioning gives.
op("aoti_torch_cpu_kthvalue", aten=torch.ops.aten.kthvalue.default,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS, exact=True)


def samples(make):
    for sizes in [(7,), (3, 4), (2, 3, 4, 5), (3, 300)]:
        for x in make.layouts(*sizes):
            for dim in {-1, 0, len(sizes) // 2}:
                size = x.shape[dim]
                yield x, size, dim, False
                yield x, (size + 1) // 2, dim, True
    for k in (1, 2, 777, 2000):
        yield make(2000), k, 0, False
        yield make(2000, low=0, high=3), k, 0, False  # many equal ones
    yield make(), 1, 0, False
    yield make(), 1, -1, True
    yield make(0, 3), 2, 1, False
    yield make(0, 3), 2, 1, True
    if make.dtype.is_floating_point:
        x = make(2, 200)
        x[0, ::7] = float("nan")
        x[0, 2::7] = float("inf")
        x[0, 3::7] = -float("inf")
        x[1, ::3] = 0.0
        x[1, 1::3] = -0.0
        for k in (1, 20, 100, 190, 200):
            yield x, k, 1, False


def bad(make):
    yield (make(3, 4), 0, 1, False), "selected number k out of range"
    yield (make(3, 4), 5, 1, False), "selected number k out of range"
    yield (make(), 2, 0, False), "selected number k out of range"
    yield (make(3, 4), 1, 2, False), "Dimension out of range"
    yield (make(0, 3), 1, 0, False), "to have non-zero size"
    yield (make(3).bool(), 1, 0, False), "not implemented for 'Bool'"
    # torch dereferences the handle.
    yield Bad((None, 1, 0, False), "NULL", torch_refuses=False)
