# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, Bad, op

aten = torch.ops.aten

# The routines are not the same: a hundred roundings of the largest value, times
# how much the eigenvalues of a matrix that is not normal may move.
TOLERANCE = {torch.float32: 1e-4, torch.complex64: 1e-4, torch.float64: 1e-11,
             torch.complex128: 1e-11}


def check_values(actual, expected, a):
    """Equal but for their order."""
    if actual.numel() == 0:
        return
    tolerance = TOLERANCE[a.dtype] * max(expected.abs().max().item(), 1)
    pairs = zip(actual.reshape(-1, a.shape[-1]), expected.reshape(-1, a.shape[-1]))
    for mine, theirs in pairs:
        left = list(theirs)
        for value in mine:
            distances = [abs(value - other) for other in left]
            nearest = distances.index(min(distances))
            assert distances[nearest] <= tolerance, (
                f"{value} is no eigenvalue: {theirs}")
            left.pop(nearest)


def compare(actual, expected, args):
    """Vectors are defined up to a factor: A v = v w is checked."""
    values, vectors = actual
    a = args[0]
    check_values(values, expected[0], a)
    if values.numel() == 0:
        return
    largest = max(values.abs().max().item(), 1)
    torch.testing.assert_close(a.to(vectors.dtype) @ vectors,
                               vectors * values.unsqueeze(-2), rtol=0,
                               atol=TOLERANCE[a.dtype] * largest,
                               check_stride=False)
    lengths = vectors.abs().square().sum(-2)
    torch.testing.assert_close(lengths, torch.ones_like(lengths), rtol=0,
                               atol=TOLERANCE[a.dtype])


def samples(make):
    for sizes in [(1, 1), (2, 2), (5, 5), (2, 3, 4, 4), (30, 30)]:
        for a in make.layouts(*sizes):
            if 0 not in a.stride() or a.dim() > 2:  # equal rows: defective
                yield a,
    a = make(4, 4)
    yield a + a.mT,
    yield torch.eye(3, dtype=make.dtype),
    if not make.dtype.is_complex:
        yield torch.tensor([[0, 1], [-1, 0]], dtype=make.dtype),
    yield make(0, 0),
    yield make(0, 3, 3),
    yield make(2, 0, 0),


def bad_of(check_finite):
    def bad(make):
        yield (make(4),), "at least 2 dimensions"
        yield (make(4, 3),), "square matrices"
        yield (make(4, 4).half(),), "not implemented for 'Half'"
        yield (make(4, 4).int(),), "not implemented for 'Int'"
        # Of _linalg_eigvals PyTorch's caller makes this check.
        for value in "nan", "inf":
            yield Bad((torch.full((2, 2), float(value)),),
                      "should not contain infs or NaNs",
                      torch_refuses=check_finite)
        yield (None,), "self: expected a tensor, got None"
    return bad


op("aten::linalg_eig", aten=aten.linalg_eig.default, dtypes=FLOATS + COMPLEX,
   compare=compare, bad=bad_of(True))


def compare_values(actual, expected, args):
    check_values(actual, expected, args[0])


op("aten::_linalg_eigvals", aten=aten._linalg_eigvals.default,
   dtypes=FLOATS + COMPLEX, compare=compare_values, bad=bad_of(False))
