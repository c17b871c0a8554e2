# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, LOW_FLOATS, Bad, op

aten = torch.ops.aten
ALL = FLOATS + INTEGERS + LOW_FLOATS


def samples(make):
    for sizes in [(1,), (7,), (3, 4), (3, 4, 5), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield x,
    for count in (1000, 1023, 1024, 1025, 5000):
        yield make(count),
        yield make(count, low=0, high=3),
        yield torch.full((count,), 3).to(make.dtype),
    yield make(),
    yield make(0),
    yield make(3, 0),
    if make.dtype.is_floating_point:
        nan, inf = float("nan"), float("inf")
        for row in [[nan], [nan, nan], [1, nan, 3], [nan, 1, 2, 3], [inf, nan],
                    [-inf, inf, nan, nan], [0.0, -0.0, 1]]:
            yield torch.tensor(row, dtype=make.dtype),
        x = make(3000)
        x[::5] = nan
        x[1::5] = inf
        x[2::5] = -inf
        yield x,
        yield x[x == x],


def bad(make):
    yield (make(3).bool(),), "not implemented for 'Bool'"
    yield (make(3).to(torch.complex64),), "not implemented"
    # torch dereferences the handle.
    yield Bad((None,), "NULL", torch_refuses=False)


op("aoti_torch_cpu_median", aten=aten.median.default, dtypes=ALL, exact=True)
op("aoti_torch_cpu_nanmedian", aten=aten.nanmedian.default, dtypes=ALL,
   exact=True)
