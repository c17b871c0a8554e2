# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, Bad, Sample, op

# torch's matrix-vector products of 16-bit floats round each sum several times.
for dtypes, rtol, atol in ((FLOATS + INTEGERS + COMPLEX, None, None),
                           (LOW_FLOATS, 1.6e-2, 2e-2)):
    op("aoti_torch_cpu_addmv", aten=torch.ops.aten.addmv.default, dtypes=dtypes,
       rtol=rtol, atol=atol, bad=None if dtypes[0] == torch.float32 else False)


def samples(make):
    for mat in make.layouts(6, 10):
        for vec in make.layouts(10):
            yield make(6), mat, vec, 1.0, 1.0
    for self in [*make.layouts(6), make(1), make()]:
        yield self, make(6, 10), make(10), 2.0, 3.0
        yield self, make(6, 10, layout="transposed"), make(10), 2.0, 1.0
    nothing = make(6)
    if make.dtype.is_floating_point:
        nothing = nothing * float("nan")
    yield nothing, make(6, 10), make(10), 0.0, 2.0
    yield make(6), make(6, 0), make(0), 2.0, 1.0
    yield make(6), make(6, 0), make(0), 0.0, 1.0
    yield make(0), make(0, 4), make(4), 1.0, 1.0
    yield make(1), make(1, 4), make(4), 1.0, 1.0
    yield make(5), make(5, 1), make(1), 1.0, 1.0
    if make.dtype in INTEGERS:
        yield make(6), make(6, 10), make(10), 2.5, 1.5
    if make.dtype in FLOATS:
        yield make(70), make(70, 33), make(33), 0.5, 1.0
        # Sums of 700: rounding in another order is larger than assert_close's
        # absolute bound for float32.
        long = (make(300), make(300, 700), make(700), 1.0, -0.5)
        yield (Sample(long, rtol=1e-5, atol=5e-5)
               if make.dtype == torch.float32 else long)


def bad(make):
    yield (make(5), make(3, 4), make(4), 1.0, 1.0), (
        "size mismatch, got input (5), mat (3x4), vec (4)")
    yield (make(3), make(3, 4), make(5), 1.0, 1.0), (
        "size mismatch, got input (3), mat (3x4), vec (5)")
    yield (make(3, 1), make(3, 4), make(4), 1.0, 1.0), (
        "vector + matrix @ vector expected, got 2, 2, 1")
    yield (make(3), make(3, 4, 1), make(4), 1.0, 1.0), (
        "vector + matrix @ vector expected, got 1, 3, 1")
    yield (make(3), make(3, 4, dtype=torch.float64), make(4), 1.0, 1.0), (
        "addmv input tensors must have the same dtype, but got Float, Double, "
        "and Float")
    flags = [make(*s, dtype=torch.bool) for s in ((3,), (3, 4), (4,))]
    yield (*flags, 1.0, 1.0), '"addmv_impl_cpu" not implemented for \'Bool\''
    small = [make(*s, dtype=torch.int8) for s in ((3,), (3, 4), (4,))]
    yield (*small, 1.0, 300.0), "cannot be converted to type"
    # torch dereferences the handle.
    yield Bad((make(3), None, make(4), 1.0, 1.0), "mat is a NULL handle",
              torch_refuses=False)
