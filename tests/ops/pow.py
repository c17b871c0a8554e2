# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, FLOAT8, FLOATS, INTEGERS, LOW_FLOATS,
                     UNSIGNED, Bad, op)

aten = torch.ops.aten
ROOM = dict(low=0.1, high=3.0)  # for floats, so that not all powers are NaN


def positive(make, *sizes, **options):
    if make.dtype.is_floating_point:
        options.update(ROOM)
    return make(*sizes, **options)


def samples(make):
    for sizes in [(7,), (3, 4), (2, 3, 4, 5)]:
        for layout in ("contiguous", "sliced", "expanded"):
            x = positive(make, *sizes, layout=layout)
            for y in make.layouts(*sizes):
                yield x, y
                yield y, x
    for left, right in [((), ()), ((2, 1), (1, 3)), ((0, 3), (1, 3)),
                        ((3, 40), ()), ((), (3, 40)), ((70000,), ())]:
        yield positive(make, *left), make(*right)
    if make.dtype in INTEGERS:
        low = 0 if make.dtype == torch.uint8 else -5
        base = torch.arange(low, 6).to(make.dtype)
        yield base.view(-1, 1), base.view(1, -1)
        yield base.view(-1, 1), torch.tensor([63, 64, 100]).to(make.dtype)
    if make.dtype in FLOATS + LOW_FLOATS:
        special = torch.tensor([0.0, -0.0, float("inf"), float("-inf"),
                                float("nan"), 1.0, -1.0, -2.0, 3.0, 0.5])
        special = special.to(make.dtype)
        yield special.view(-1, 1), special.view(1, -1)
    for other in (torch.float64, torch.int64, torch.uint8, torch.float16):
        yield positive(make, 2, 3), make(2, 3, dtype=other)
        yield make(dtype=other), positive(make, 2, 3)
        yield positive(make, 3, 2).t(), make(dtype=other)


def bad(make):
    yield (make(2, 3), make(2, 4)), "must match the size of tensor b (4)"
    for dtype in BOOL + UNSIGNED + FLOAT8 + (torch.complex32,):
        yield (make(2, dtype=dtype),) * 2, "not implemented for"
    yield Bad((None, make(2)), "self is a NULL", torch_refuses=False)
    yield Bad((make(2), None), "exponent is a NULL", torch_refuses=False)


def samples_to_number(make):
    for exponent in (2.0, 3.0, 0.5, -0.5, -1.0, -2.0, 0.0, 1.0, 2.3, -3.0, 4.0):
        for x in make.layouts(2, 3, 4, 5):
            yield x, exponent
        yield positive(make, 40), exponent
        yield make(), exponent
        yield make(0, 2), exponent
        if make.dtype in FLOATS + LOW_FLOATS:
            yield torch.tensor([0.0, -0.0, float("inf"), float("-inf"),
                                float("nan"), -1.0, 1.0, 2.0]).to(
                                    make.dtype), exponent


def samples_to_number_float8(make):
    yield make(4), 0.0
    yield make(4), 1.0


def bad_to_number(make):
    yield (make(2).half(), 1e5), "without overflow"
    for dtype in FLOAT8 + (torch.complex32,):
        yield (make(2, dtype=dtype), 2.0), "not implemented for"
    yield Bad((None, 2.0), "self is a NULL", torch_refuses=False)


def samples_of_number(make):
    for base in (2.0, 0.5, 1.0, -2.0, 0.0):
        for x in make.layouts(2, 3, 4, 5):
            yield base, x
        yield base, make()
        yield base, make(0, 2)
        yield base, make(40)


def bad_of_number(make):
    for dtype in FLOAT8 + (torch.complex32,):
        yield (2.0, make(2, dtype=dtype)), "not implemented for"
    yield Bad((2.0, None), "exponent is a NULL", torch_refuses=False)


op("aoti_torch_cpu_pow_Tensor_Tensor", aten=aten.pow.Tensor_Tensor,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS + COMPLEX)
op("aoti_torch_cpu_pow_Tensor_Scalar", aten=aten.pow.Tensor_Scalar,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS + UNSIGNED + BOOL + COMPLEX,
   samples=samples_to_number, bad=bad_to_number)
op("aoti_torch_cpu_pow_Tensor_Scalar", aten=aten.pow.Tensor_Scalar,
   dtypes=FLOAT8, samples=samples_to_number_float8, bad=False)
op("aoti_torch_cpu_pow_Scalar", aten=aten.pow.Scalar,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS + UNSIGNED + BOOL + COMPLEX,
   samples=samples_of_number, bad=bad_of_number)
