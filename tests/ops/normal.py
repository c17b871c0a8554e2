# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, LOW_FLOATS, op

aten = torch.ops.aten


def by_means(make):
    for sizes in [(5,), (3, 4), (2, 3, 4, 5), (40, 50)]:
        for mean in make.layouts(*sizes):
            yield mean, 1.5, None
    yield make(3), 0.0, None
    yield make(), 2.0, None
    yield make(0, 3), 2.0, None


def bad_means(make):
    yield (make(3), -1.0, None), "std >= 0.0"
    yield (make(3).int(), 1.0, None), "not implemented for 'Int'"
    yield (None, 1.0, None), "mean: expected a tensor, got None"


op("aten::normal.Tensor_float", aten=aten.normal.Tensor_float,
   dtypes=FLOATS + LOW_FLOATS + COMPLEX, exact=True, seed=7, samples=by_means,
   bad=bad_means)


def by_deviations(make):
    for sizes in [(5,), (3, 4), (2, 3, 4, 5), (40, 50)]:
        for std in make.layouts(*sizes, low=0.0, high=2.0):
            yield -0.3, std, None
    yield 1.0, make(3) * 0, None
    yield 1.0, make(low=0.0, high=2.0), None
    yield 1.0, make(0, 3), None


def bad_deviations(make):
    yield (0.0, -make(3, low=1.0, high=2.0), None), "all elements of std"
    yield (0.0, make(3) * float("nan"), None), "all elements of std"
    yield (0.0, make(3).to(torch.complex64), None), "to be non-complex"
    yield (0.0, make(3, dtype=torch.uint8), None), "not implemented for 'Byte'"
    yield (0.0, None, None), "std: expected a tensor, got None"


op("aten::normal.float_Tensor", aten=aten.normal.float_Tensor,
   dtypes=FLOATS + LOW_FLOATS, exact=True, seed=7, samples=by_deviations,
   bad=bad_deviations)


def by_both(make):
    real = make.dtype if make.dtype.is_floating_point else torch.float32
    for sizes in [(5,), (3, 4), (2, 3, 4, 5), (40, 50)]:
        for mean in make.layouts(*sizes):
            yield mean, make(*sizes, dtype=real, low=0.0, high=2.0), None
        for std in make.layouts(*sizes, dtype=real, low=0.0, high=2.0):
            yield make(*sizes), std, None
    yield make(4), make(3, 1, dtype=real, low=0.0, high=2.0), None
    yield make(3, 1), make(4, dtype=real, low=0.0, high=2.0), None
    for dtype in FLOATS + LOW_FLOATS + (torch.int64,):
        for sizes in [(3, 4), (1,), ()]:
            std = make(*sizes, dtype=torch.float64, low=0.0, high=4.0).to(dtype)
            yield make(3, 4), std, None
    yield make(), make(dtype=real, low=0.0, high=2.0), None
    yield make(0, 3), make(0, 3, dtype=real, low=0.0, high=2.0), None


def bad_both(make):
    yield (make(3), -make(3, low=1.0, high=2.0), None), "all elements of std"
    yield (make(3), make(3).to(torch.complex64), None), "to be non-complex"
    yield (make(3).long(), make(3).abs(), None), "not implemented for 'Long'"
    yield (make(3), make(4).abs(), None), "must match"
    yield (make(3), None, None), "std: expected a tensor, got None"


op("aten::normal.Tensor_Tensor", aten=aten.normal.Tensor_Tensor,
   dtypes=FLOATS + LOW_FLOATS + COMPLEX, exact=True, seed=7, samples=by_both,
   bad=bad_both)


def by_numbers(make):
    for sizes in [[5], [3, 4], [40, 50], [], [0, 3]]:
        yield -1.0, 2.5, sizes, None, make.dtype, None, None, None
    yield 0.0, 0.0, [3], None, make.dtype, torch.strided, None, False
    yield 0.0, 1.0, [3], None, None, None, torch.device("cpu"), None


def bad_numbers(make):
    yield (0.0, -1.0, [3], None, None, None, None, None), "std >= 0.0"
    yield ((0.0, 1.0, [3], None, torch.int64, None, None, None),
           "not implemented for 'Long'")
    yield (0.0, 1.0, [-3], None, None, None, None, None), "negative"


op("aten::normal.float_float", aten=aten.normal.float_float,
   dtypes=FLOATS + LOW_FLOATS + COMPLEX, exact=True, seed=7,
   samples=by_numbers, bad=bad_numbers)
