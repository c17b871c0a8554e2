# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, LOW_FLOATS, Bad, op

aten = torch.ops.aten

# Products of sums in another order, up to the power of 16: relative to the
# largest number.
TOLERANCE = {torch.float32: 2e-5, torch.complex64: 2e-5, torch.float64: 1e-12,
             torch.complex128: 1e-12}


def compare(actual, expected, args):
    if actual.numel() == 0:
        return
    finite = torch.nan_to_num(expected.abs(), 0, 0, 0)
    atol = TOLERANCE[actual.dtype] * max(finite.max().item(), 1)
    torch.testing.assert_close(actual, expected, rtol=0, atol=atol,
                               equal_nan=True, check_stride=False)


op("aten::linalg_matrix_exp", aten=aten.linalg_matrix_exp.default,
   dtypes=FLOATS + COMPLEX, compare=compare, recorded=TOLERANCE)


def samples(make):
    for sizes in [(2, 2), (5, 5), (3, 4, 4), (2, 3, 3, 3), (20, 20)]:
        for a in make.layouts(*sizes):
            # PyTorch views a batch as one dimension, which not all allow.
            if a.dim() == 4 and not a.is_contiguous():
                continue
            # Each degree of its polynomials, and squares.
            for factor in (1e-9, 1e-5, 1e-3, 0.02, 0.2, 1, 3):
                yield a * factor if a.is_contiguous() else a.mul(factor),
            yield a,
    for factor in (0, 1e-8, 1e-4, 1e-2, 0.1, 1, 10):
        yield torch.eye(3, dtype=make.dtype) * factor,
    yield torch.stack([torch.eye(3, dtype=make.dtype) * factor
                       for factor in (0, 1e-8, 1e-4, 1e-2, 0.1, 1, 10)]),
    yield make(0, 0),
    yield make(0, 3, 3),
    yield make(2, 0, 0),


def bad(make):
    yield (make(4),), "at least 2 dimensions"
    yield (make(4, 3),), "square matrices"
    yield (make(4, 4).int(),), "Expected a floating point or complex tensor"
    # PyTorch computes nonsense: it takes its factors' bits for f16.
    yield Bad((make(4, 4).half(),), "not implemented for 'Half'",
              torch_refuses=False)
    yield (None,), "self: expected a tensor, got None"


def single(make):
    for sizes in [(1, 1), (3, 1, 1), (2, 3, 1, 1)]:
        for a in make.layouts(*sizes):
            yield a,


op("aten::linalg_matrix_exp", aten=aten.linalg_matrix_exp.default,
   dtypes=FLOATS + COMPLEX + LOW_FLOATS, samples=single, bad=False)
