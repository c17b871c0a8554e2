# SPDX-License-Identifier: Apache-2.0
"""Operators on lists of tensors, which models call by name. Each returns as many
tensors as its lists have."""
import torch
from harness import (BOOL, COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, UNSIGNED,
                     Bad, op)

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


def mixed(make):
    """Real tensors may be among complex ones."""
    if make.dtype.is_complex:
        yield [make(3, 4), make(5, dtype=torch.float32),
               make(2, 3, dtype=torch.int64)]
        yield [make(4, dtype=torch.float64), make(5, dtype=torch.uint8),
               make(3)]


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
    for tensors in mixed(make):
        yield tensors,


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
for name in ["acos", "asin", "atan", "cos", "cosh", "exp", "expm1", "log",
             "log10", "log1p", "log2", "reciprocal", "rsqrt", "sigmoid", "sin",
             "sinh", "sqrt", "tan", "tanh"]:
    foreach(getattr(aten, "_foreach_" + name).default, samples=unary,
            dtypes=REAL + INTEGERS + BOOL + COMPLEX, bad=bad_unary)
for name in ["erf", "erfc", "lgamma"]:
    foreach(getattr(aten, "_foreach_" + name).default, samples=unary,
            dtypes=REAL + INTEGERS + BOOL, bad=lambda make: [
                *bad_unary(make), *bad_of(torch.complex64)(make)])
for name in ["abs", "neg"]:
    foreach(getattr(aten, "_foreach_" + name).default, samples=unary,
            dtypes=REAL + INTEGERS + COMPLEX + (torch.complex32,),
            exact=name == "neg",
            bad=lambda make, name=name: [
                (([make(3, dtype=torch.bool)] * COUNT,),
                 "on a bool tensor is not supported" if name == "neg"
                 else "not implemented for 'Bool'"),
                (([make(3).to(torch.float8_e5m2)] * COUNT,),
                 "not implemented for") if name == "neg" else
                (([make(3).to(torch.uint16)] * COUNT,),
                 "not implemented for"),
                (([],), "at least one tensor"),
                ((None,), "self: expected a list of tensors, got None")])
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
    zero = make(3)
    zero[1] = 0
    for order in 0, inf, -inf:
        yield [zero] * COUNT, order, None
    for place, value in (None, 0), (5, inf), (17, float("nan")), (99, -inf):
        x = make(100)
        if place is not None:
            x[place] = value
        for order in inf, -inf, 2, 1:
            yield [x, x[:place], make(300)] + [x] * (COUNT - 3), order, None
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
    inf = float("inf")
    for tensors in filled(make):
        for order in 2, 1, 0, 3.5, -1.0, inf, -inf:
            yield tensors, order, None
    for order in 2, -1.0, inf:
        yield [make(0), make(3), make(0, 2)], order, None
    zero = make(3)
    zero[1] = 0
    for order in 0, 2, -1.0, -inf:
        yield [zero] * COUNT, order, None
    for order in 2, 0, -1.0, inf, -inf:
        yield [make(0), make(3) * 0 + 0.5, make(0, 2)], order, None
        yield [make(2) * 0 + 1, make(2) * 0, make(2) * 0 + 2], order, None


foreach(aten._foreach_powsum.Scalar, samples=sums, dtypes=REAL + COMPLEX,
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


foreach(aten._foreach_lerp.List, samples=lerps, dtypes=REAL + COMPLEX,
        bad=bad_lerps)


# ---- Arithmetic ----------------------------------------------------------------
# Inductor compiles it for lists of real tensors.


def clones(make):
    for tensors in lists(make):
        yield tensors, None
        yield tensors, torch.preserve_format
        yield tensors, torch.contiguous_format
    yield [make(2, 3, 4, 5)] * COUNT, torch.channels_last


def bad_clones(make):
    yield ([make(3)] * COUNT, torch.channels_last), "required rank 4"
    yield ([], None), "at least one tensor"
    yield (None, None), "self: expected a list of tensors, got None"


foreach(aten._foreach_clone.default, samples=clones, exact=True,
        dtypes=REAL + INTEGERS + UNSIGNED + BOOL + COMPLEX, bad=bad_clones)


def kinds(make):
    """Dtypes that are promoted with the one under test. PyTorch promotes f16 and
    bf16 to complex dtypes of theirs, which few functions know."""
    yield torch.float32
    yield torch.int64
    if make.dtype not in LOW_FLOATS:
        yield torch.complex64
    if not make.dtype.is_complex:
        yield torch.float16


def away_from_zero(x):
    return torch.where(x.abs() < 0.1, torch.ones_like(x), x) \
        if x.dtype.is_floating_point or x.dtype.is_complex else x


def pairs(make):
    """Two lists."""
    for x in make.layouts(3, 4):
        yield [x, make(5), make()], [make(3, 4), x[0, 0], make()]
    yield ([make(3, 1), make(0, 3), make(2, 3, 4, 5, layout="channels_last")],
           [make(4), make(3), make(2, 3, 4, 5, layout="channels_last")])
    for other in kinds(make):
        if make.dtype in UNSIGNED:  # are not promoted
            continue
        yield ([make(6), make(6, dtype=other), make()],
               [make(6, dtype=other), make(6), make(2, dtype=other)])


def with_alpha(make):
    for self, other in pairs(make):
        yield self, other
    three = [make(3)] * COUNT
    if make.dtype == torch.bool:
        for alpha in True, False, 2, 0:
            yield three, three[::-1], alpha
        return
    # PyTorch rounds some products of f16 and bf16, and others not.
    low = make.dtype in LOW_FLOATS
    for alpha in 2, 4 if low else 3, 1:
        yield three, three[::-1], alpha
    if make.dtype.is_floating_point or make.dtype.is_complex:
        yield ([make(7), make(2, 3).t(), make()],
               [make(7), make(3, 2), make(3)], 0.5 if low else 0.3)
    else:
        yield three, [torch.tensor([100, 101, 102]).to(make.dtype)] * COUNT, 77
        yield three, [make(3, dtype=torch.float64)] * COUNT, 1.5
    if make.dtype == torch.int64:
        big = [torch.tensor([2**62 + 1, 5], dtype=torch.int64)] * COUNT
        yield big, big, 2**60 + 1


def bad_pairs(make):
    three = [make(3)] * COUNT
    yield (three, three[:2]), "must have the same number of tensors"
    yield (three, [make(4)] * COUNT), "must match the size"
    yield ([], []), "at least one tensor"
    yield (None, three), "self: expected a list of tensors, got None"
    yield (three, None), ": expected a list of tensors, got None"


def bad_alpha(make):
    yield from bad_pairs(make)
    three, whole = [make(3)] * COUNT, [make(3, dtype=torch.int32)] * COUNT
    yield (three, three, True), "Boolean alpha only"
    yield (whole, whole, 1.5), "alpha must not be a floating point number"
    yield ([make(3, dtype=torch.uint8)] * COUNT,) * 2 + (300,), "without overflow"
    yield (([torch.ones(2).to(torch.float8_e5m2)] * COUNT,) * 2,
           "not implemented for")
    yield (([torch.ones(2).to(torch.uint16)] * COUNT,) * 2,
           "not implemented for")


def bad_sub(make):
    yield from bad_alpha(make)
    flags = [make(3, dtype=torch.bool)] * COUNT
    yield (flags, flags), "with two bool tensors"
    yield ([make(3)] * COUNT, flags), "with a bool tensor"


def bad_div(make):
    yield from bad_pairs(make)
    yield (([torch.ones(2).to(torch.complex32)] * COUNT,) * 2,
           "not implemented for 'ComplexHalf'")


def divisors(make):
    for self, other in pairs(make):
        yield self, [away_from_zero(x) for x in other]
    if make.dtype.is_floating_point or make.dtype.is_complex:
        zeros = torch.zeros(3, dtype=make.dtype)
        yield [make(3), zeros, make(3)], [zeros, zeros, make(3) / 0]
    else:
        yield [make(3)] * COUNT, [torch.zeros(3, dtype=make.dtype)] * COUNT


def exponents(make):
    low = {} if make.dtype.is_complex else {"low": 1}
    for x in make.layouts(3, 4, **low):
        yield [x, make(5, **low), make(**low)], [make(3, 4), make(), make()]
    for other in torch.float32, torch.int64:
        yield ([make(6, **low), make(6, **low), make(**low)],
               [make(6, dtype=other), make(dtype=other), make(2, dtype=other)])


ALL = REAL + INTEGERS + COMPLEX
foreach(aten._foreach_add.List, samples=with_alpha, dtypes=ALL + BOOL,
        bad=bad_alpha)
foreach(aten._foreach_sub.List, samples=with_alpha, dtypes=ALL, bad=bad_sub)
foreach(aten._foreach_mul.List, samples=pairs, dtypes=ALL + UNSIGNED + BOOL,
        bad=bad_pairs)
foreach(aten._foreach_div.List, samples=divisors, dtypes=ALL + BOOL,
        bad=bad_div)
foreach(aten._foreach_pow.List, samples=exponents, dtypes=ALL,
        bad=lambda make: [*bad_pairs(make), (
            ([make(2, dtype=torch.bool)] * COUNT,) * 2,
            "\"pow\" not implemented for 'Bool'")])


def with_tensors(make):
    for tensors in lists(make):
        yield tensors, away_from_zero(make())
    for tensors in mixed(make):
        yield tensors, away_from_zero(make())
        yield tensors, torch.tensor(2)
    for other in kinds(make):
        yield [make(6), make(), make(3)], away_from_zero(make(dtype=other)) + 1
    yield [make(6)] * COUNT, torch.tensor(1 / 3, dtype=torch.float64)


def with_tensors_alpha(make):
    yield from with_tensors(make)
    if make.dtype != torch.bool:
        yield [make(6), make(), make(3)], make(), 4


def bad_tensors(make):
    yield ([make(3)] * COUNT, make(1)), "expected to be 0 dim but it has 1"
    yield ([], make()), "at least one tensor"
    yield ([make(3)] * COUNT, None), "other: expected a tensor, got None"
    yield (None, make()), "self: expected a list of tensors, got None"


foreach(aten._foreach_add.Tensor, samples=with_tensors_alpha,
        dtypes=ALL + BOOL, bad=bad_tensors)
foreach(aten._foreach_mul.Tensor, samples=with_tensors, dtypes=ALL + BOOL,
        bad=bad_tensors)
foreach(aten._foreach_div.Tensor, samples=with_tensors, dtypes=ALL + BOOL,
        bad=bad_tensors)


def with_numbers(make):
    for tensors in lists(make):
        for number in 2, 2.5, -3:
            yield tensors, number
    for tensors in mixed(make):
        for number in 2, 1 / 3:
            yield tensors, number
    yield [make(40), make(), make(2, 3).t()], 1 / 3
    yield [make(40), make(), make(2, 3).t()], 0.0
    if make.dtype.is_floating_point or make.dtype.is_complex:
        yield [make(4) / 0, make(4) * 0, make(4) * float("nan")], 2
    else:
        yield [make(4)] * COUNT, 300
        yield [make(4)] * COUNT, 2**60 + 1


def with_flags(make):
    yield from with_numbers(make)
    yield [make(40), make(), make(2, 3).t()], True


def bad_numbers(make):
    yield ([], 2), "at least one tensor"
    yield ([make(3)] * COUNT, None), ": expected a number, got None"
    yield (None, 2), "self: expected a list of tensors, got None"


foreach(aten._foreach_add.Scalar, samples=with_flags, dtypes=ALL + BOOL,
        bad=bad_numbers)
foreach(aten._foreach_sub.Scalar, samples=with_numbers, dtypes=ALL,
        bad=lambda make: [
            *bad_numbers(make),
            (([make(3)] * COUNT, True), "with a bool tensor"),
            (([make(3, dtype=torch.bool)] * COUNT, 2), "with a bool tensor")])
foreach(aten._foreach_mul.Scalar, samples=with_flags, dtypes=ALL + BOOL,
        bad=bad_numbers)
foreach(aten._foreach_div.Scalar, samples=with_flags, dtypes=ALL + BOOL,
        bad=bad_numbers)


def to_numbers(make):
    whole = not (make.dtype.is_floating_point or make.dtype.is_complex)
    for number in (2, 3, 0, 1, 5, 2.0, 0.5, -0.5, 2.3, -1.0, -2.0, True,
                   *([] if whole else [-1, -2])):
        yield [make(3, 4), make(5), make()], number
    for tensors in lists(make):
        yield tensors, 2
        yield tensors, 1.5
    for tensors in mixed(make):
        yield tensors, 3
        yield tensors, 0.5


def bad_to_numbers(make):
    yield from bad_numbers(make)
    yield (([make(3, dtype=torch.int32)] * COUNT, -1),
           "Integers to negative integer powers")
    yield ([make(3, dtype=torch.uint8)] * COUNT, 300), "without overflow"
    yield (([torch.ones(2).to(torch.complex32)] * COUNT, 2),
           "not implemented for 'ComplexHalf'")


foreach(aten._foreach_pow.Scalar, samples=to_numbers, dtypes=ALL + BOOL,
        bad=bad_to_numbers)


def of_numbers(make):
    for number in 2, 0.5, 1, 1.0, -2, 0:
        for tensors in lists(make):
            yield number, tensors
        for tensors in mixed(make):
            yield number, tensors


def bad_of_numbers(make):
    yield (2, []), "at least one tensor"
    yield (None, [make(3)] * COUNT), "self: expected a number, got None"
    yield (2, None), "exponent: expected a list of tensors, got None"


foreach(aten._foreach_pow.ScalarAndTensor, samples=of_numbers,
        dtypes=ALL + BOOL, bad=bad_of_numbers)


def triples(make):
    for x in make.layouts(3, 4):
        yield ([x, make(5), make()], [make(3, 4), make(), make()],
               [away_from_zero(make(4)), away_from_zero(make(5)),
                away_from_zero(make())])
    yield ([make(3, 1), make(0, 3), make(2, 3, 4, 5, layout="channels_last")],
           [make(4), make(3), make(2, 3, 4, 5, layout="channels_last")],
           [away_from_zero(make(4)), make(3),
            away_from_zero(make(2, 3, 4, 5, layout="channels_last"))])
    if make.dtype.is_complex:
        yield ([make(4), make(4, dtype=torch.float32), make(4)],
               [make(4, dtype=torch.float32)] * COUNT,
               [away_from_zero(make(4, dtype=torch.float32))] * COUNT)


def triples_with_number(make):
    for lists in triples(make):
        yield *lists, 1
    whole = not (make.dtype.is_floating_point or make.dtype.is_complex)
    lists = [[make(3, 4), make(5), away_from_zero(make())]] * 3
    for value in 2, 0, 2.5, True, *([] if whole else [-0.3, 1 / 3]):
        yield *lists, value


def triples_with_numbers(make):
    for dtype in torch.float64, torch.int64, torch.bool, torch.float16:
        for lists in triples(make):
            yield *lists, make(COUNT, dtype=dtype, low=1)
    if make.dtype.is_complex:
        for lists in list(triples(make))[:-1]:
            yield *lists, make(COUNT)


def bad_triples(make):
    three = [make(3)] * COUNT
    yield (three, three[:2], three, 1), "must have the same number of tensors"
    yield (three, [make(4)] * COUNT, three, 1), "must match the size"
    yield (three, three, three, None), "value: expected a number"
    yield (None, three, three, 1), "self: expected a list of tensors, got None"


def bad_quotients(make):
    yield from bad_triples(make)
    whole = [make(3, dtype=torch.int32)] * COUNT
    yield ([make(3)] * COUNT, whole, whole, 1), "no longer supported"
    yield (([make(3).to(torch.complex32)] * COUNT,) * 3 + (1,),
           "not implemented for 'ComplexHalf'")


def bad_products_of_two(make):
    yield from bad_triples(make)
    yield (([make(3, dtype=torch.bool)] * COUNT,) * 3 + (1,),
           "not implemented for 'Bool'")
    yield (([make(3, dtype=torch.uint8)] * COUNT,) * 3 + (300,),
           "without overflow")


def bad_packed(make):
    three = [make(3)] * COUNT
    yield (three, three, three, make(2)), "match input of length 3 but got 2"
    yield (three, three, three, make(3, 1)), "to be of dimension 1. Got 2"
    yield (three, three, three, make(6)[::2]), "to be contiguous"
    yield (three, three, three, None), "scalars: expected a tensor, got None"
    real = [make(3, dtype=torch.float32)] * COUNT
    yield (real, real, real, make(3, dtype=torch.complex64)), "without overflow"
    yield ((three, three, three, make(3).abs().to(torch.uint16)),
           "not implemented for 'UInt16'")


HALF = (torch.complex32,)
foreach(aten._foreach_addcmul.Scalar, samples=triples_with_number,
        dtypes=ALL + HALF, bad=bad_products_of_two)
foreach(aten._foreach_addcdiv.Scalar, samples=triples_with_number,
        dtypes=REAL + COMPLEX, bad=bad_quotients)
foreach(aten._foreach_addcmul.Tensor, samples=triples_with_numbers,
        dtypes=ALL + HALF, bad=bad_packed)
foreach(aten._foreach_addcdiv.Tensor, samples=triples_with_numbers,
        dtypes=REAL + COMPLEX, bad=bad_packed)


# ---- Products of matrices --------------------------------------------------------


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
