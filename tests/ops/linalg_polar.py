# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, op

# As for _linalg_svd; U of a matrix near a singular one is not well conditioned.
TOLERANCE = {torch.float32: 1e-4, torch.complex64: 1e-4, torch.float64: 1e-10,
             torch.complex128: 1e-10}


def compare(actual, expected, args):
    u, h = actual
    if u.numel() == 0:
        return
    a, one = args[0], torch.eye(h.shape[-1], dtype=h.dtype).expand(h.shape)
    tolerance = TOLERANCE[u.dtype] * max(a.abs().max().item(), 1)
    for mine, theirs in [(h, expected[1]), (u @ h, a), (u.mH @ u, one)]:
        torch.testing.assert_close(mine, theirs, rtol=0, atol=tolerance,
                                   check_stride=False)
    assert torch.equal(h, h.mH)


op("aten::linalg_polar", aten=torch.ops.aten.linalg_polar.default,
   dtypes=FLOATS + COMPLEX, compare=compare, recorded=TOLERANCE)


def samples(make):
    for sizes in [(1, 1), (4, 4), (5, 3), (2, 3, 5, 4), (40, 33)]:
        for a in make.layouts(*sizes):
            yield a,
    yield torch.eye(3, dtype=make.dtype),
    yield make(0, 4, 3),
    yield make(2, 3, 0),
    yield make(0, 0),


def bad(make):
    yield (make(4),), "at least 2 dimensions"
    yield (make(3, 4),), "at least as many rows as columns, but got 3 by 4"
    yield (make(4, 4).half(),), "not implemented for 'Half'"
    yield (make(4, 4).int(),), "'Int'"
    yield (torch.full((2, 2), float("nan")),), "failed to converge"
    yield (None,), "A: expected a tensor, got None"
