# SPDX-License-Identifier: Apache-2.0
import torch
from harness import LOW_FLOATS, Bad, op

op("aoti_torch_cpu__grouped_mm", aten=torch.ops.aten._grouped_mm.default,
   dtypes=(torch.float32,) + LOW_FLOATS)


def ends(*values):
    return torch.tensor(values, dtype=torch.int32)


def transposed(make, *sizes):
    return make(*sizes[:-2], sizes[-1], sizes[-2]).transpose(-1, -2)


def samples(make):
    offsets = ends(3, 3, 8, 16)
    for a in (make(16, 8), transposed(make, 16, 8), make(24, 16)[4:20, 8:16]):
        for b in (make(4, 8, 16), transposed(make, 4, 8, 6)):
            yield a, b, offsets, None, None
            yield a, b, offsets, None, make.dtype
    for a in (make(4, 5, 8), transposed(make, 4, 16, 8)):
        for b in (make(8, 16), transposed(make, 8, 16)):
            yield a, b, offsets, None, None
        for b in (make(4, 8, 16), transposed(make, 4, 8, 7)):
            yield a, b, None, None, None
    for a in (make(5, 16), transposed(make, 16, 16)):
        for b in (make(16, 8), transposed(make, 16, 7)):
            yield a, b, offsets, None, None
            # Beyond the end, backwards, from the end: as slices do. Groups of
            # nothing are zeros.
            yield a, b, ends(4, 2, 40), None, None
            yield a, b, ends(0, -4, -2, 16), None, None
    yield make(16, 8), make(3, 8, 16), ends(4, 2, 40), None, None
    yield make(16, 8), make(3, 8, 16), ends(2, -3, 16), None, None
    yield make(16, 8), make(2, 8, 16), ends(16, 16), None, None
    yield make(0, 8), make(2, 8, 16), ends(0, 0), None, None
    yield make(16, 16)[:, :0], make(2, 16, 16)[:, :0], ends(4, 16), None, None
    yield make(64, 32), make(2, 32, 48), ends(30, 64), None, None


def bad(make):
    offsets = ends(4, 8, 16)
    a, b = make(16, 8), make(3, 8, 16)
    yield (a.double(), b.double(), offsets, None, None), (
        "Expected mat_a to be Float32, BFloat16 or Float16 matrix, got Double")
    yield (a, b.bfloat16(), offsets, None, None), (
        "Expected mat_a and mat_b to have the same dtype")
    yield (a[0], b, offsets, None, None), "mat_a has to be 2 or 3d"
    yield (a, b[None], offsets, None, None), "mat_b has to be 2 or 3d"
    yield (a[:, :4], b, offsets, None, None), (
        "contraction dimension of mat_a and mat_b must match, got 4 and 8")
    yield (a, make(3, 8, 6), offsets, None, None), (
        "strides should be multiple of 16 bytes")
    yield (make(16, 16)[:, ::2], b, offsets, None, None), (
        "Invalid strides/sizes, got [16, 2] for strides and [16, 8] for sizes")
    yield (a, b, None, None, None), "Have to provide offsets"
    yield (make(3, 4, 8), b, offsets, None, None), "Have to provide offsets"
    yield (a, b, offsets.long(), None, None), "Offsets have to be int32, got"
    yield (a, b, offsets[None], None, None), "offs has to be 1D"
    yield (a, b, ends(4, 5, 8, 9, 16, 17)[::2], None, None), (
        "Offsets must have stride (1,), got 2")
    yield (a, b, offsets[:2], None, None), "matrix batch sizes have to match"
    yield (make(4, 5, 8), b, None, None, None), (
        "matrix batch sizes have to match: mat_b has 3, expected 4")
    yield (a, b, offsets, make(3, 16), None), "Bias not supported yet"
    yield (a, b, offsets, None, torch.bfloat16), (
        "Grouped gemm output dtype must match `mat_a` dtype")
    # Slices of another length in the other operand.
    yield (make(4, 16), make(12, 8), offsets, None, None), (
        "mat1 and mat2 shapes cannot be multiplied (4x8 and 4x8) in group 2")
    # torch dereferences the handle.
    yield Bad((None, b, offsets, None, None), "self is a NULL handle",
              torch_refuses=False)
