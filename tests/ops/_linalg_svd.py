# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, op

# As for _linalg_eigh.
TOLERANCE = {torch.float32: 2e-5, torch.complex64: 2e-5, torch.float64: 1e-12,
             torch.complex128: 1e-12}


def compare(actual, expected, args):
    """Vectors are defined up to a factor: what they compose is compared."""
    u, values, vh = actual
    a, full, wanted = args[:3]
    if values.numel() == 0:
        if wanted and full:
            assert torch.equal(u, expected[0]) and torch.equal(vh, expected[2])
        return
    tolerance = TOLERANCE[values.dtype] * max(values.abs().max().item(), 1)
    torch.testing.assert_close(values, expected[1], rtol=0, atol=tolerance,
                               check_stride=False)
    if not wanted:
        return
    k = values.shape[-1]
    composed = u[..., :k] * values.to(a.dtype).unsqueeze(-2) @ vh[..., :k, :]
    torch.testing.assert_close(composed, a, rtol=0, atol=tolerance,
                               check_stride=False)
    for basis in (u.mH @ u, vh @ vh.mH):
        one = torch.eye(basis.shape[-1], dtype=a.dtype).expand(basis.shape)
        torch.testing.assert_close(basis, one, rtol=0,
                                   atol=TOLERANCE[values.dtype],
                                   check_stride=False)


op("aten::_linalg_svd", aten=torch.ops.aten._linalg_svd.default,
   dtypes=FLOATS + COMPLEX, compare=compare,
   recorded=TOLERANCE, left_open=(0, 2))


def samples(make):
    for sizes in [(1, 1), (4, 4), (5, 3), (3, 5), (2, 3, 5, 4), (40, 33)]:
        for a in make.layouts(*sizes):
            yield a, False, True, None
            yield a, True, True, None
            yield a, False, False, None
    for sizes in [(0, 4, 3), (2, 0, 3), (4, 0), (0, 0)]:
        for full in (True, False):
            yield make(*sizes), full, True, None
            yield make(*sizes), full, False, None


def bad(make):
    yield (make(4), False, True, None), "at least 2 dimensions"
    yield (make(4, 4).half(), False, True, None), "not implemented for 'Half'"
    yield (make(4, 4), False, True, "gesvd"), "driver"
    yield ((torch.full((2, 2), float("nan")), False, True, None),
           "failed to converge")
    yield (None, False, True, None), "A: expected a tensor, got None"
