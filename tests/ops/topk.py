# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, LOW_FLOATS, op

aten = torch.ops.aten


def inputs(make):
    for sizes in [(7,), (3, 4), (4, 5, 6), (2, 3, 4, 5), (3, 300)]:
        for x in make.layouts(*sizes):
            for dim in range(-1, len(sizes)):
                yield x, dim
    yield make(2000), 0
    yield make(3, 5000, low=0, high=3), 1  # many equal ones
    yield make(0), 0
    yield make(3, 0), 0
    if make.dtype.is_floating_point:
        x = make(2, 2000)
        x[0, ::7] = float("nan")
        x[0, 1::7] = -float("nan")
        x[0, 2::7] = float("inf")
        x[0, 3::7] = -float("inf")
        x[1, ::3] = 0.0
        x[1, 1::3] = -0.0
        yield x, 1
        yield x[:, :50], 1
        yield x[:, :50], 0


def samples(make):
    for x, dim in inputs(make):
        size = x.shape[dim]
        for k in sorted({0, min(1, size), min(5, size), size // 2, size}):
            for largest in (True, False):
                yield x, k, dim, largest, True
        yield x, size // 3, dim, True, False
        yield x, size // 5, dim, True, True
    x = make(1024, low=1, high=100)
    x[::64] = 100  # a sample at equal distances sees nothing else
    yield x, 100, 0, True, True
    yield x, 100, 0, False, True
    yield make(), 1, 0, True, True
    yield make(), 0, 0, True, True


def bad(make):
    yield (make(3, 4), 5, 1, True, True), "selected index k out of range"
    yield (make(3, 4), -1, 1, True, True), "selected index k out of range"
    yield (make(3, 4), 1, 2, True, True), "Dimension out of range"
    yield ((make(3, 4, dtype=torch.complex64), 1, 0, True, True),
           "not implemented")
    yield ((make(3, 4, dtype=torch.bool), 1, 0, True, True),
           "not implemented for 'Bool'")


def best(actual, expected, args):
    """Which of equal ones is taken, and the order where none is asked for,
    torch leaves open: the values must be the same, and the places theirs."""
    x, k, dim, largest, ordered = args
    values, places = actual
    wanted = expected[0]
    if not ordered and x.dim() > 0:
        wanted = wanted.sort(dim, descending=largest).values
    torch.testing.assert_close(values, wanted, rtol=0, atol=0, equal_nan=True,
                               check_stride=False)
    if x.dim() == 0:
        assert places.tolist() == 0
        return
    torch.testing.assert_close(torch.gather(x, dim, places), values, rtol=0,
                               atol=0, equal_nan=True, check_stride=False)
    counts = torch.zeros(x.shape, dtype=torch.int64)
    counts.scatter_add_(dim, places, torch.ones_like(places))
    assert bool((counts <= 1).all()), "a place comes twice"


op("aoti_torch_cpu_topk", aten=aten.topk.default,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS, compare=best)
