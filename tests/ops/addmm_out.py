# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, Bad, Sample, op

DTYPES = FLOATS + LOW_FLOATS + INTEGERS + COMPLEX

for symbol in ("aoti_torch_cpu_addmm_out", "aoti_torch_addmm_out"):
    op(symbol, aten=torch.ops.aten.addmm.out, dtypes=DTYPES)


def nan_like(make, *sizes):
    fill = float("nan") if make.dtype.is_floating_point else 7
    return torch.full(sizes, fill, dtype=make.dtype)


def samples(make):
    two, three, four = (2.0, 3.0, 4.0)
    for self in (make(20), make(1, 20), make(6, 1), make(), make(1),
                 make(6, 20), make(1, 1)):
        yield make(6, 20), self, make(6, 10), make(10, 20), 1.0, 1.0
        yield make(6, 20), self, make(6, 10), make(10, 20), two, three
    for self in make.layouts(6, 20):
        yield make(6, 20), self, make(6, 10), make(10, 20), two, 1.0
    for mat1 in make.layouts(6, 10):
        for mat2 in make.layouts(10, 20):
            yield make(6, 20), make(20), mat1, mat2, 1.0, two
    for out in make.layouts(9, 35):
        if 0 not in out.stride():
            yield out, make(35), make(9, 21), make(21, 35), 1.0, 1.0
            yield out, make(9, 1), make(9, 21), make(21, 35), three, 1.0
    # beta 0: what self holds must not matter.
    yield nan_like(make, 3, 4), nan_like(make, 4), make(3, 5), make(5, 4), 0.0, 2.0
    # K 0: beta * self. torch has no such product of integers by a number that
    # C gives as a double.
    if make.dtype not in INTEGERS:
        yield make(3, 4), make(4), make(3, 0), make(0, 4), 2.0, 1.0
    yield nan_like(make, 3, 4), nan_like(make, 4), make(3, 0), make(0, 4), 0.0, 1.0
    yield make(0, 4), make(4), make(0, 3), make(3, 4), 1.0, 1.0
    yield make(3, 0), make(0), make(3, 2), make(2, 0), 1.0, 1.0
    yield make(6, 4), make(4), make(6, 5), make(5, 4), 1.0, 0.0
    if make.dtype.is_floating_point:
        # MLP layers, blocks, one row, one column.
        yield make(8, 32), make(32), make(8, 16), make(16, 32), 1.0, 1.0
        long = (make(70, 50), make(50), make(70, 700),
                make(700, 50, layout="transposed"), 1.0, 0.5)
        # Sums of 700: rounding in another order is larger than assert_close's
        # absolute bound for float32.
        yield (Sample(long, rtol=1e-5, atol=5e-5)
               if make.dtype == torch.float32 else long)
        yield (make(1, 300), make(300), make(1, 170),
               make(170, 300, layout="transposed"), 1.0, 1.0)
        yield make(1, 300), make(300), make(1, 170), make(170, 300), 1.0, 1.0
        if make.dtype == torch.bfloat16:
            for m in (7, 26):
                yield (make(m, 67), make(67), make(m, 66),
                       make(66, 67, layout="transposed"), two, three)
            yield make(9, 125), make(9, 1), make(9, 66), make(66, 125), two, three
        yield make(90, 1), make(1), make(90, 17), make(17, 1), 1.0, 1.0
        yield make(40, 3), make(3), make(40, 17), make(17, 3), four, 1.0


def bad(make):
    def call(out, self, mat1, mat2, beta=1.0, alpha=1.0):
        return out, self, mat1, mat2, beta, alpha

    yield call(make(2, 3), make(3), make(2, 4), make(5, 3)), (
        "addmm: mat1 and mat2 shapes cannot be multiplied (2x4 and 5x3)")
    yield call(make(2, 3), make(5), make(2, 4), make(4, 3)), (
        "The expanded size of the tensor (3) must match the existing size (5) "
        "at non-singleton dimension 1.  Target sizes: [2, 3].  Tensor sizes: "
        "[5]")
    yield call(make(2, 3), make(2, 2, 3), make(2, 4), make(4, 3)), (
        "the number of sizes provided (2) must be greater or equal to the "
        "number of dimensions in the tensor (3)")
    yield call(make(2, 3), make(3), make(2, 4, 1), make(4, 3)), (
        "addmm: self must be a matrix, got 3-D tensor")
    yield call(make(2, 3), make(3), make(2, 4), make(4)), (
        "addmm: mat2 must be a matrix, got 1-D tensor")
    yield call(make(2, 3), make(3), make(2, 4, dtype=torch.float64),
               make(4, 3)), (
        "mat1 and mat2 must have the same dtype, but got Double and Float")
    yield call(make(2, 3), make(3, dtype=torch.float64), make(2, 4),
               make(4, 3)), (
        "self and mat2 must have the same dtype, but got Double and Float")
    yield call(make(2, 3, dtype=torch.float64), make(3), make(2, 4),
               make(4, 3)), (
        "Expected out tensor to have dtype float, but got double instead")
    flags = [make(*s, dtype=torch.bool) for s in ((2, 3), (3,), (2, 4), (4, 3))]
    yield call(*flags), '"addmm_impl_cpu_" not implemented for \'Bool\''
    integers = [make(*s, dtype=torch.int32)
                for s in ((2, 3), (3,), (2, 4), (4, 3))]
    yield call(*integers, beta=1e30), (
        "beta (1e+30) cannot be converted to type int64_t without overflow")
    # torch resizes the output, which belongs to the model here.
    yield Bad(call(make(2, 4), make(3), make(2, 4), make(4, 3)),
              "out has sizes [2, 4], expected [2, 3]", torch_refuses=False)
    # torch dereferences the handle.
    yield Bad(call(make(2, 3), None, make(2, 4), make(4, 3)),
              "aten::addmm_out: self is a NULL handle", torch_refuses=False)
