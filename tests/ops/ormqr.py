# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, Bad, op

# As for geqrf.
TOLERANCE = {torch.float32: 2e-5, torch.complex64: 2e-5, torch.float64: 1e-12,
             torch.complex128: 1e-12}


def compare(actual, expected, args):
    tolerance = TOLERANCE[actual.dtype]
    torch.testing.assert_close(actual, expected, rtol=tolerance,
                               atol=tolerance, check_stride=False)


op("aoti_torch_cpu_ormqr", aten=torch.ops.aten.ormqr.default,
   dtypes=FLOATS + COMPLEX, compare=compare, recorded=TOLERANCE)


def samples(make):
    for m, n in [(4, 4), (5, 3), (1, 1), (33, 20), (90, 70)]:
        a, tau = torch.geqrf(make(2, m, n))
        for left in (True, False):
            for transpose in (True, False):
                for layout in ("contiguous", "transposed", "sliced"):
                    sizes = (2, m, 6) if left else (2, 6, m)
                    other = make(*sizes, layout=layout)
                    yield a, tau, other, left, transpose
                yield a.contiguous(), tau, other, left, transpose
                yield a[0, :, :2], tau[0, :2], other[0], left, transpose
    yield make(0, 4, 3), make(0, 3), make(0, 4, 2), True, False
    yield make(4, 0), make(0), make(4, 2), True, False
    yield make(4, 3), make(3), make(4, 0), True, False


def bad(make):
    a, tau, c = make(4, 3), make(3), make(4, 2)
    yield (make(4), tau, c, True, False), "at least 2 dimensions"
    yield (a, tau, make(4), True, False), "at least 2 dimensions"
    yield (a, tau, make(5, 2), True, False), "must be equal to input.shape[-2]"
    yield (a, tau, c, False, False), "must be equal to input.shape[-2]"
    yield (a, make(4), c, True, False), "must be equal to min(other"
    yield (a, make(2), c, True, False), "must be equal to min(other"
    yield (a, make(2, 3), c, True, False), "one dimension less"
    yield (a, tau, make(2, 4, 2), True, False), "same number of dimensions"
    yield ((make(2, 4, 3), make(3, 3), make(2, 4, 2), True, False),
           "batch dimensions of tau")
    yield ((make(2, 4, 3), make(2, 3), make(3, 4, 2), True, False),
           "batch dimensions of other")
    yield (a, tau.double(), c, True, False), "same dtype"
    yield (a.half(), tau.half(), c.half(), True, False), "'Half'"
    # torch dereferences the handle.
    yield Bad((a, None, c, True, False), "tau is a NULL handle",
              torch_refuses=False)
