# SPDX-License-Identifier: Apache-2.0
"""Operators on lists of tensors, which models call by name. Each returns as many
tensors as its lists have."""
import torch
from harness import (BOOL, COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, Bad, op)

aten = torch.ops.aten
COUNT = 3


def foreach(overload, **options):
    name = overload.name().removesuffix(".default")
    op(name, aten=overload, outputs=["Tensor"] * COUNT, **options)


def lists(make, **options):
    for x in make.layouts(3, 4, **options):
        yield [x, make(5, **options), make(**options)]
    yield [make(0, 3), make(2, 3, 4, 5, layout="channels_last", **options),
           make(70, **options)]


def unary(make):
    for tensors in lists(make):
        yield tensors,
    if make.dtype.is_floating_point:
        extremes = [0.0, -0.0, 0.5, -1.5, 2.5, float("inf"), -float("inf"),
                    float("nan")]
        yield [torch.tensor(extremes, dtype=make.dtype)] * COUNT,
        # Whole vectors and what is left of them; arguments that are reduced
        # far, and those next to where a function is 0, 1 or infinite.
        wide = make(333)
        yield [wide * 8, wide * 300, wide * 1e-3],
        yield [1 + wide * 1e-3, make(100, low=-1.0), make(64, 70).t()],


def bad_of(dtype):
    def bad(make):
        yield ([make(3)] * 2 + [make(3, dtype=dtype)],), "not implemented for"
        yield ([],), "at least one tensor"
        yield (None,), "self: expected a list of tensors, got None"
        # The list of results is as long as the model says.
        yield Bad(([make(3)] * 2,), "has room for 3 results",
                  torch_refuses=False)
    return bad


def bad_unary(make):
    yield from list(bad_of(torch.float8_e5m2)(make))[:1]
    yield ([],), "at least one tensor"
    yield (None,), "self: expected a list of tensors, got None"
    # The list of results is as long as the model says.
    yield Bad(([make(3)] * 2,), "has room for 3 results", torch_refuses=False)


REAL = FLOATS + LOW_FLOATS
for name in ["acos", "asin", "atan", "cos", "cosh", "erf", "erfc", "exp",
             "expm1", "lgamma", "log", "log10", "log1p", "log2", "sigmoid",
             "sin", "sinh", "tan", "tanh"]:
    foreach(getattr(aten, "_foreach_" + name).default, samples=unary,
            dtypes=REAL + INTEGERS + BOOL, bad=bad_unary)
for name in ["ceil", "floor", "round", "trunc"]:
    foreach(getattr(aten, "_foreach_" + name).default, samples=unary,
            dtypes=REAL + INTEGERS, bad=bad_of(torch.bool))
foreach(aten._foreach_frac.default, samples=unary, dtypes=REAL,
        bad=bad_of(torch.int32))
foreach(aten._foreach_zero.default, samples=unary,
        dtypes=REAL + INTEGERS + BOOL + COMPLEX, bad=lambda make: [
            (([],), "at least one tensor"),
            ((None,), "self: expected a list of tensors, got None")])


def filled(make):
    for x in make.layouts(3, 4):
        yield [x, make(5), make()]
    yield [make(2, 3, 4, 5, layout="channels_last"), make(70), make(1, 1)]


def largest(make):
    for tensors in filled(make):
        yield tensors,
    if make.dtype.is_floating_point:
        yield [torch.tensor([1, float("nan"), 2], dtype=make.dtype)] * COUNT,


def bad_largest(make):
    yield ([make(3), make(0), make(3)],), "input.numel() == 0"
    yield ([make(3, dtype=torch.complex64)] * 3,), "not implemented for"
    yield (None,), "self: expected a list of tensors, got None"


foreach(aten._foreach_max.default, samples=largest,
        dtypes=REAL + INTEGERS + BOOL, bad=bad_largest, exact=True)


def norms(make):
    inf = float("inf")
    for tensors in filled(make):
        for order in 2, 1, 0, 3.5, inf, -inf, -1.0:
            yield tensors, order, None
    yield [make(0), make(3), make(0, 2)], 2, None
    if make.dtype in (torch.float32, torch.float16):
        yield [make(3)] * COUNT, 2, torch.float64


def bad_norms(make):
    yield ([make(3).int()] * 3, 2, None), "Got Int"
    yield ([make(0)] * 3, float("inf"), None), "on an empty tensor"
    yield ([make(0)] * 3, -1.0, None), "on an empty tensor"
    yield (None, 2, None), "self: expected a list of tensors, got None"


foreach(aten._foreach_norm.Scalar, samples=norms, dtypes=REAL + COMPLEX,
        bad=bad_norms)


def sums(make):
    for tensors in filled(make):
        for order in 2, 1, 3.5, 0, -1.0, float("inf"), -float("inf"):
            yield tensors, order, None
    for order in 2, 0, -1.0, float("inf"), -float("inf"):
        yield [make(0), make(3) * 0 + 0.5, make(0, 2)], order, None
        yield [make(2) * 0 + 1, make(2) * 0, make(2) * 0 + 2], order, None


foreach(aten._foreach_powsum.Scalar, samples=sums, dtypes=REAL,
        bad=lambda make: [
            (([make(3).int()] * 3, 2, None), "Got Int"),
            ((None, 2, None), "self: expected a list of tensors, got None")])


def lerps(make):
    for x in make.layouts(3, 4):
        yield ([x, make(5), make()], [make(3, 4), make(5), make()],
               [make(3, 4), make(5), make()])
    yield ([make(3, 1)] * 3, [make(4)] * 3,
           [torch.tensor(1.0, dtype=make.dtype)] * 3)


def bad_lerps(make):
    three = [make(3)] * 3
    yield (three, three[:2], three), "must have the same number of tensors"
    yield (three, [make(3).to(torch.float16)] * 3, three), "for `end` but got"
    yield (three, [make(4)] * 3, three), "must match the size"
    yield ([make(3).int()] * 3, [make(3).int()] * 3,
           [make(3).int()] * 3), "not implemented for"
    yield (None, three, three), "self: expected a list of tensors, got None"


foreach(aten._foreach_lerp.List, samples=lerps, dtypes=REAL, bad=bad_lerps)


def products(make):
    for a in make.layouts(3, 4):
        yield [a, make(2, 5), make(1, 0)], [make(4, 2), make(5, 6), make(0, 3)]


def bad_products(make):
    three = [make(2, 2)] * 3
    yield (three, [make(3, 2)] * 3), "cannot be multiplied (2x2 and 3x2)"
    yield (three, [make(2)] * 3), "must be 2-D"
    yield (three, three[:2]), "must have the same number of tensors"
    yield (None, three), "self: expected a list of tensors, got None"


foreach(aten._foreach_mm.default, samples=products,
        dtypes=FLOATS + COMPLEX + INTEGERS, bad=bad_products,
        # Sums of products, in another order.
        rtol=1e-5, atol=1e-5)
