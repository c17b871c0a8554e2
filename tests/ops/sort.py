# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, FLOATS, INTEGERS, LOW_FLOATS, UNSIGNED, op

aten = torch.ops.aten
ALL = FLOATS + INTEGERS + LOW_FLOATS + BOOL + UNSIGNED


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
    yield make(), 0
    yield make(), -1


def samples(make):
    for x, dim in inputs(make):
        for descending in (False, True):
            yield x, dim, descending


def stable_samples(make):
    for x, *rest in samples(make):
        yield x, True, *rest


def bad(make):
    yield (make(3, 4), 2, False), "Dimension out of range"
    yield (make(3, dtype=torch.complex64), 0, False), "not implemented"


def in_order(actual, expected, args):
    """Equal ones may come in any order."""
    x, dim = args[0], args[1]
    torch.testing.assert_close(actual[0], expected[0], rtol=0, atol=0,
                               equal_nan=True, check_stride=False)
    gathered = torch.gather(x, dim, actual[1])
    torch.testing.assert_close(gathered, actual[0], rtol=0, atol=0,
                               equal_nan=True, check_stride=False)
    counts = torch.zeros(x.shape, dtype=torch.int64)
    counts.scatter_add_(dim, actual[1], torch.ones_like(counts))
    assert bool((counts == 1).all()), "a place comes twice"


op("aoti_torch_cpu_sort", aten=aten.sort.default, dtypes=FLOATS + INTEGERS
   + LOW_FLOATS + BOOL, compare=in_order)
op("aoti_torch_cpu_sort_stable", aten=aten.sort.stable, dtypes=ALL,
   samples=stable_samples, bad=False, exact=True)
