# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, Bad, op)

op("aoti_torch_cpu_lu_unpack", aten=torch.ops.aten.lu_unpack.default,
   dtypes=FLOATS + COMPLEX + LOW_FLOATS + INTEGERS + BOOL, exact=True)


def pivots(make, *sizes):
    """As a factorization leaves them: each row changes with a later one."""
    *batch, m, n = sizes
    k = min(m, n)
    least = torch.arange(1, k + 1, dtype=torch.int32)
    extra = make(*batch, k, dtype=torch.int32, low=0, high=m + 1)
    return torch.minimum(least + extra, torch.tensor(m, dtype=torch.int32))


def samples(make):
    for sizes in [(4, 4), (5, 3), (3, 5), (2, 4, 4), (2, 3, 5, 3), (1, 1)]:
        for a in make.layouts(*sizes):
            yield a, pivots(make, *sizes), True, True
        yield make(*sizes), pivots(make, *sizes), False, True
        yield make(*sizes), pivots(make, *sizes), True, False
        yield make(*sizes), pivots(make, *sizes), False, False
    yield make(5, 4), pivots(make, 2, 5, 4).mT.contiguous().mT[0], True, True
    yield make(2, 0, 4), pivots(make, 2, 0, 4), True, True
    yield make(2, 4, 0), pivots(make, 2, 4, 0), True, True
    yield make(0, 4, 4), pivots(make, 0, 4, 4), True, True
    # Pivots that are not wanted are not looked at.
    yield make(3, 3), make(5, dtype=torch.int64), True, False


def bad(make):
    ok = pivots(make, 3, 3)
    yield (make(3), ok, True, True), "at least 2 dimensions"
    yield (make(3, 3), ok.long(), True, True), "torch.int32"
    yield (make(3, 3), ok * 0, True, True), "between 1 and"
    yield (make(3, 3), ok + 3, True, True), "between 1 and"
    # torch asserts what the pivots' sizes are in debug builds only.
    yield Bad((make(3, 3), ok[:2], True, True), "do not belong",
              torch_refuses=False)
    yield Bad((make(2, 3, 3), ok, True, True), "do not belong",
              torch_refuses=False)
    # torch dereferences the handle.
    yield Bad((None, ok, True, True), "NULL", torch_refuses=False)
