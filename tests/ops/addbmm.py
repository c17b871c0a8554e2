# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_addbmm", aten=torch.ops.aten.addbmm.default,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS + COMPLEX)


def samples(make):
    for self in (make(7), make(1, 7), make(5, 1), make(), make(1), make(5, 7)):
        yield self, make(3, 5, 4), make(3, 4, 7), 1.0, 1.0
        yield self, make(3, 5, 4), make(3, 4, 7), 2.0, 3.0
    for batch1 in make.layouts(3, 5, 4):
        for batch2 in make.layouts(3, 4, 7):
            yield make(5, 7), batch1, batch2, 1.0, 2.0
    for self in make.layouts(5, 7):
        yield self, make(1, 5, 4), make(1, 4, 7), 1.0, 1.0
    nothing = make(5, 7)
    if make.dtype.is_floating_point:
        nothing = nothing * float("nan")
    yield nothing, make(3, 5, 4), make(3, 4, 7), 0.0, 1.0
    yield nothing, make(0, 5, 4), make(0, 4, 7), 0.0, 1.0
    yield nothing, make(2, 5, 0), make(2, 0, 7), 0.0, 1.0
    if make.dtype not in INTEGERS:  # torch multiplies them by a float there
        yield make(5, 7), make(0, 5, 4), make(0, 4, 7), 2.0, 1.0
        yield make(5, 7), make(2, 5, 0), make(2, 0, 7), 2.0, 1.0
    yield make(0, 7), make(2, 0, 4), make(2, 4, 7), 1.0, 1.0
    yield make(0), make(2, 5, 4), make(2, 4, 0), 1.0, 1.0
    if make.dtype in FLOATS:
        yield make(40), make(5, 30, 50), make(5, 50, 40), 1.0, 0.5


def bad(make):
    yield (make(3, 4), make(3, 5), make(2, 5, 4), 1.0, 1.0), (
        "batch1 must be a 3D tensor")
    yield (make(3, 4), make(2, 3, 5), make(5, 4), 1.0, 1.0), (
        "batch2 must be a 3D tensor")
    yield (make(4), make(2, 3, 5), make(3, 5, 4), 1.0, 1.0), (
        "batch1 and batch2 must have same number of batches, got 2 and 3")
    yield (make(4), make(2, 3, 5), make(2, 6, 4), 1.0, 1.0), (
        "Incompatible matrix sizes for bmm (3x5 and 6x4)")
    yield (make(7), make(2, 3, 5), make(2, 5, 4), 1.0, 1.0), (
        "The expanded size of the tensor (4) must match the existing size (7) "
        "at non-singleton dimension 1.  Target sizes: [3, 4].  Tensor sizes: "
        "[7]")
    yield (make(4), make(2, 3, 5, dtype=torch.float64), make(2, 5, 4), 1.0,
           1.0), (
        "mat1 and mat2 must have the same dtype, but got Double and Float")
    yield (make(4, dtype=torch.float64), make(2, 3, 5), make(2, 5, 4), 1.0,
           1.0), (
        "self and mat2 must have the same dtype, but got Double and Float")
    flags = [make(*s, dtype=torch.bool) for s in ((4,), (2, 3, 5), (2, 5, 4))]
    yield (*flags, 1.0, 1.0), '"addmm_impl_cpu_" not implemented for \'Bool\''
    # torch dereferences the handle.
    yield Bad((None, make(2, 3, 5), make(2, 5, 4), 1.0, 1.0),
              "self is a NULL handle", torch_refuses=False)
