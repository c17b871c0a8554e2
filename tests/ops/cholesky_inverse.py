# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, Bad, op

# As for cholesky_solve.
TOLERANCE = {torch.float32: 2e-5, torch.complex64: 2e-5, torch.float64: 1e-11,
             torch.complex128: 1e-11}


def compare(actual, expected, args):
    tolerance = TOLERANCE[actual.dtype]
    torch.testing.assert_close(actual, expected, rtol=tolerance,
                               atol=tolerance, check_stride=False)


op("aoti_torch_cpu_cholesky_inverse",
   aten=torch.ops.aten.cholesky_inverse.default, dtypes=FLOATS + COMPLEX,
   compare=compare, recorded=TOLERANCE)


def factor(a):
    copy = a / a.shape[-1] ** 0.5
    diagonal = copy.diagonal(dim1=-2, dim2=-1)
    diagonal.copy_(diagonal.abs() + 3)  # real, as a factor's is
    return copy


def samples(make):
    for a in make.layouts(2, 5, 5):
        for upper in (True, False):
            yield factor(a), upper
    for n in [1, 2, 31, 32, 33, 65, 100]:
        for upper in (True, False):
            yield factor(make(n, n)), upper
            yield factor(make(n, n)).mT, upper
    yield factor(make(3, 2, 4, 4)), False
    yield make(0, 4, 4), True
    yield make(0, 0), True


def bad(make):
    yield (make(4), True), "at least 2 dimensions"
    yield (make(4, 5), True), "square matrices"
    yield (make(4, 4, dtype=torch.float16), True), "not implemented for 'Half'"
    a = factor(make(3, 3))
    a[1, 1] = 0
    yield (a, False), "The diagonal element 2 is zero"
    both = torch.stack([factor(make(3, 3)), a])
    yield (both, True), "(Batch element 1): The diagonal element 2 is zero"
    # torch dereferences the handle.
    yield Bad((None, True), "A is a NULL handle", torch_refuses=False)
