# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, op

# The routines are not the same: a hundred roundings of the largest value.
TOLERANCE = {torch.float32: 2e-5, torch.complex64: 2e-5, torch.float64: 1e-12,
             torch.complex128: 1e-12}


def compare(actual, expected, args):
    """Vectors are defined up to a factor: what they compose is compared."""
    values, vectors = actual
    a, uplo, wanted = args
    if values.numel() == 0:
        return
    tolerance = TOLERANCE[values.dtype] * max(values.abs().max().item(), 1)
    torch.testing.assert_close(values, expected[0], rtol=0, atol=tolerance,
                               check_stride=False)
    if not wanted:
        return
    half = a.tril(-1) if uplo in "Ll" else a.triu(1)
    diagonal = a.diagonal(dim1=-2, dim2=-1).real.to(a.dtype)
    whole = half + half.mH + torch.diag_embed(diagonal)
    composed = vectors * values.to(a.dtype).unsqueeze(-2) @ vectors.mH
    torch.testing.assert_close(composed, whole, rtol=0, atol=tolerance,
                               check_stride=False)
    one = torch.eye(a.shape[-1], dtype=a.dtype).expand(a.shape)
    torch.testing.assert_close(vectors.mH @ vectors, one, rtol=0,
                               atol=TOLERANCE[values.dtype],
                               check_stride=False)


op("aten::_linalg_eigh", aten=torch.ops.aten._linalg_eigh.default,
   dtypes=FLOATS + COMPLEX, compare=compare,
   recorded=TOLERANCE, left_open=(1,))


def samples(make):
    for sizes in [(1, 1), (2, 2), (5, 5), (2, 3, 4, 4), (40, 40)]:
        for a in make.layouts(*sizes):
            yield a, "L", True
            yield a, "u", True
            yield a, "U", False
    # Own loops up to 64 x 64: all remainders of their vectors, equal and next to
    # equal eigenvalues, zeros, small after large and large after small, sizes
    # whose squares leave the dtype, what has no power of 2.
    for n in (3, 7, 8, 9, 15, 16, 17, 31, 33, 48, 63, 64, 65):
        yield make(n, n), "LU"[n % 2], True
        yield make(n, n), "LU"[n % 2], False
    x = make(20, 3)
    one = torch.eye(20, dtype=make.dtype)
    steep = torch.logspace(0, -8, 20, dtype=make.dtype)
    graded = make(20, 20) * steep * steep[:, None]
    for a in (x @ x.mH, one, one * 0, one + make(20, 20) * 1e-6, make(20, 20),
              torch.ones(20, 20, dtype=make.dtype), graded, graded.flip(0, 1),
              make(20).diag(), make(20, 20) * 1e-30, make(3, 20, 20) * 1e25,
              2 * one - one.roll(1, 0).tril() - one.roll(-1, 0).triu(),
              make(20, 20) * 1e-38):
        yield a, "L", True
        yield a, "U", False
    yield make(0, 0), "L", True
    yield make(0, 3, 3), "L", True
    yield make(2, 0, 0), "L", False


def bad(make):
    yield (make(4), "L", True), "at least 2 dimensions"
    yield (make(4, 3), "L", True), "square matrices"
    yield (make(4, 4), "X", True), "UPLO"
    yield (make(4, 4), "LL", True), "UPLO"
    yield (make(4, 4).half(), "L", True), "not implemented for 'Half'"
    hole = make(4, 4)
    hole[2, 1] = float("nan")
    yield (hole, "L", True), "failed to converge"
    yield (None, "L", True), "A: expected a tensor, got None"
