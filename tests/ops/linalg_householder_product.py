# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, op

# As for geqrf.
TOLERANCE = {torch.float32: 2e-5, torch.complex64: 2e-5, torch.float64: 1e-12,
             torch.complex128: 1e-12}


def compare(actual, expected, args):
    tolerance = TOLERANCE[actual.dtype]
    torch.testing.assert_close(actual, expected, rtol=tolerance,
                               atol=tolerance, check_stride=False)


op("aten::linalg_householder_product",
   aten=torch.ops.aten.linalg_householder_product.default,
   dtypes=FLOATS + COMPLEX, compare=compare, recorded=TOLERANCE)


def samples(make):
    for sizes in [(4, 4), (5, 3), (1, 1), (2, 3, 5, 4), (40, 33)]:
        a, tau = torch.geqrf(make(*sizes))
        yield a, tau
        yield a.contiguous(), tau[..., :1]
        yield a, tau[..., :0]
    yield make(0, 4, 3), make(0, 3)
    yield make(4, 0), make(0)


def bad(make):
    yield (make(4), make(4)), "at least 2 dimensions"
    yield (make(3, 4), make(3)), "greater than or equal to input.shape[-1]"
    yield (make(4, 3), make(4)), "greater than or equal to tau.shape[-1]"
    yield (make(4, 3), make(1, 3)), "one dimension less"
    yield (make(2, 4, 3), make(3, 3)), "batch dimensions of tau"
    yield (make(4, 3), make(3).double()), "does not match"
    yield (make(4, 3).half(), make(3).half()), "'Half'"
    yield (make(4, 3), None), "tau: expected a tensor, got None"
