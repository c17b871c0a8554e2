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


def compare_places(actual, expected, args):
    """Which of equal elements is named, PyTorch leaves open."""
    x, dim, keep = args
    values, places = actual
    assert torch.equal(torch.nan_to_num(values.double(), 1e9),
                       torch.nan_to_num(expected[0].double(), 1e9))
    if x.dim() == 0 or values.numel() == 0:
        assert torch.equal(places, expected[1])
        return
    there = x.gather(dim, places if keep else places.unsqueeze(dim))
    there = there if keep else there.squeeze(dim)
    assert torch.equal(torch.nan_to_num(there.double(), 1e9),
                       torch.nan_to_num(values.double(), 1e9))


def along(make):
    for sizes in [(1,), (7,), (3, 4), (3, 4, 5), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            for dim in range(-1, len(sizes)):
                if x.stride(dim) == 0:  # PyTorch reads other memory
                    continue
                yield x, dim, False
                yield x, dim, True
    yield make(3, 500), 1, False
    yield make(500, 3), 0, False
    yield make(), 0, False
    yield make(), -1, True
    yield make(0, 3), 1, False
    yield make(3, 0), 0, True
    if make.dtype.is_floating_point:
        x = make(4, 30)
        x[::2, ::4] = float("nan")
        x[:, 5] = float("inf")
        yield x, 1, False
        yield x, 0, True
        yield torch.full((2, 3), float("nan"), dtype=make.dtype), 1, False


def bad_along(make):
    yield (make(3, 4), 2, False), "Dimension out of range"
    yield (make(3, 0), 1, False), "non-zero size"
    yield (make(3).bool(), 0, False), "not implemented for 'Bool'"
    yield (make(3).to(torch.complex64), 0, False), "not implemented"
    yield (None, 0, False), "self: expected a tensor, got None"


for name in ("median", "nanmedian"):
    op(f"aten::{name}.dim", aten=getattr(aten, name).dim, dtypes=ALL,
       samples=along, bad=bad_along, compare=compare_places, recorded={},
       left_open=(1,))
