# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, op

# The error of an inverse goes with the condition of the matrix, which is up to
# some hundred here; values that the tolerances cut off are far from them.
TOLERANCE = {torch.float32: 1e-3, torch.complex64: 1e-3, torch.float64: 1e-10,
             torch.complex128: 1e-10}


def compare(actual, expected, args):
    if actual.numel() > 0:
        largest = max(expected.abs().max().item(), 1)
        torch.testing.assert_close(
            actual, expected, rtol=0, atol=TOLERANCE[actual.dtype] * largest,
            check_stride=False)


op("aten::linalg_pinv.atol_rtol_tensor",
   aten=torch.ops.aten.linalg_pinv.atol_rtol_tensor, dtypes=FLOATS + COMPLEX,
   compare=compare, recorded=TOLERANCE)


def with_values(make, sizes, values):
    """Of the given singular values."""
    u, _, vh = torch.linalg.svd(make(*sizes), full_matrices=False)
    return u * torch.tensor(values).to(u.dtype) @ vh


def samples(make):
    real = torch.float64
    for sizes in [(1, 1), (4, 4), (5, 3), (3, 5), (2, 3, 5, 4), (30, 13)]:
        for a in make.layouts(*sizes):
            yield a, None, None, False
            if sizes[-1] == sizes[-2]:
                yield a + 5 * torch.eye(sizes[-1], dtype=make.dtype), None, None, True
    a = with_values(make, (2, 5, 3), [4.0, 1.0, 0.1])
    for dtype in torch.float32, real:
        few = torch.tensor(0.5, dtype=dtype)
        each = torch.tensor([0.5, 2.0], dtype=dtype)
        none = torch.tensor([0.0, 2.0], dtype=dtype)
        yield a, few, None, False
        yield a, None, few, False
        yield a, each, few * 0, False
        yield a, few * 0, each / 3, False
        yield a, none, None, False
        yield a, each.flip(0), each / 5, False
        yield a[0], each, None, False  # a result for each tolerance
        yield a[:1], None, each[:, None], False
    yield a, torch.tensor(2), None, False
    square = a @ a.mH
    yield square, torch.tensor([0.5, 2.0], dtype=real), None, True
    yield square - 8 * torch.eye(5, dtype=make.dtype), None, torch.tensor(0.5), True
    yield torch.zeros(3, 3, dtype=make.dtype), None, None, False
    yield torch.zeros(3, 3, dtype=make.dtype), None, None, True
    yield make(0, 0), None, None, False
    yield make(0, 4, 3), None, None, False
    yield make(2, 0, 3), None, None, True
    yield make(2, 3, 0), None, None, False


def bad(make):
    half = torch.tensor(0.5)
    yield (make(4), None, None, False), "2 or more dimensions"
    yield (make(4, 4).half(), None, None, False), "linalg.pinv(Half"
    yield (make(4, 4).int(), None, None, False), "linalg.pinv(Int"
    yield (make(3, 4), None, None, True), "square matrices"
    yield (make(2, 4, 4), torch.ones(3), None, False), "must match"
    yield ((make(4, 4), half.to(torch.complex64), None, False),
           "atol tensor of complex type")
    yield ((make(4, 4), None, half.to(torch.complex64), False),
           "rtol tensor of complex type")
    yield ((torch.full((2, 2), float("nan")), None, None, False),
           "failed to converge")
    yield (None, None, None, False), "self: expected a tensor, got None"
