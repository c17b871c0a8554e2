# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, Bad, Sample, op

DTYPES = FLOATS + LOW_FLOATS + INTEGERS + COMPLEX

for symbol in ("aoti_torch_cpu_mm_out", "aoti_torch_mm_out"):
    op(symbol, aten=torch.ops.aten.mm.out, dtypes=DTYPES)

SIZES = [(2, 3, 4), (1, 1, 1), (1, 70, 33), (7, 1, 5), (5, 9, 1), (33, 17, 40),
         (13, 64, 16), (0, 3, 4), (2, 0, 4), (2, 3, 0), (0, 0, 0)]


def long_sums(make, *args):
    """Hundreds of products near 1: rounding in another order is larger than
    assert_close's absolute bound for float32."""
    return Sample(args, rtol=1e-5, atol=5e-5) if (
        make.dtype == torch.float32) else args


def samples(make):
    for m, k, n in SIZES:
        yield make(m, n), make(m, k), make(k, n)
    for a in make.layouts(6, 10):
        for b in make.layouts(10, 20):
            yield make(6, 20), a, b
    for out in make.layouts(9, 35):
        if 0 not in out.stride():
            yield out, make(9, 21), make(21, 35, layout="transposed")
    if make.dtype.is_floating_point:
        # What the output held must not matter.
        yield (torch.full((4, 5), float("nan"), dtype=make.dtype),
               make(4, 6), make(6, 5))
        # Beyond one block in each dimension.
        yield long_sums(make, make(70, 50), make(70, 700),
                        make(700, 50, layout="transposed"))
        yield long_sums(make, make(3, 1100), make(3, 330), make(330, 1100))
    if make.dtype == torch.bfloat16:
        # Columns that few rows read where they lie, and one row more; rows that
        # are worth packing; columns of A; infinities and NaN.
        for m in (4, 9, 24, 25):
            yield (make(m, 37), make(m, 131),
                   make(131, 37, layout="transposed"))
        yield make(9, 125), make(9, 129), make(129, 125)
        yield make(1, 300), make(1, 131), make(131, 300)
        yield (make(30, 70), make(30, 129, layout="transposed"),
               make(129, 70, layout="transposed"))
        yield make(30, 70)[:, :69], make(30, 64), make(64, 70)[:, :69]
        for m, n in ((4, 20), (40, 66)):
            a, b = make(m, 34), make(34, n, layout="transposed")
            a[0, 3], a[1, 33] = float("inf"), float("nan")
            b[5, 2], b[33, n - 1] = float("-inf"), float("inf")
            yield make(m, n), a, b


def bad(make):
    yield (make(2, 3), make(2, 4), make(5, 3)), (
        "mm: mat1 and mat2 shapes cannot be multiplied (2x4 and 5x3)")
    yield (make(2, 3), make(2), make(2, 3)), (
        "mm: self must be a matrix, got 1-D tensor")
    yield (make(2, 3), make(2, 3), make(3)), (
        "mm: mat2 must be a matrix, got 1-D tensor")
    yield (make(2, 3), make(2, 4), make(4, 3, dtype=torch.float64)), (
        "expected m1 and m2 to have the same dtype, but got: float != double")
    yield (make(2, 3, dtype=torch.float64), make(2, 4), make(4, 3)), (
        "Expected out tensor to have dtype float, but got double instead")
    yield (make(3).expand(2, 3), make(2, 4), make(4, 3)), (
        "more than one element of the written-to tensor")
    flags = [make(*s, dtype=torch.bool) for s in ((2, 3), (2, 4), (4, 3))]
    yield flags, "not implemented for 'Bool'"
    # torch resizes the output, which belongs to the model here.
    yield Bad((make(3, 2), make(2, 4), make(4, 3)),
              "out has sizes [3, 2], expected [2, 3]", torch_refuses=False)
    # torch dereferences the handle.
    yield Bad((make(2, 3), None, make(4, 3)), "self is a NULL handle",
              torch_refuses=False)
