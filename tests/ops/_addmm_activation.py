# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, Bad, op

op("aoti_torch_cpu__addmm_activation",
   aten=torch.ops.aten._addmm_activation.default,
   dtypes=FLOATS + (torch.bfloat16,) + INTEGERS)
# The product is rounded to 16 bits before gelu: sums in another order may lie
# one step apart there.
op("aoti_torch_cpu__addmm_activation",
   aten=torch.ops.aten._addmm_activation.default, dtypes=(torch.float16,),
   rtol=2e-3, atol=1e-5, bad=False)


def samples(make):
    for gelu in (False, True) if make.dtype.is_floating_point else (False,):
        for self in (make(20), make(1, 20), make(6, 1), make(), make(6, 20)):
            yield self, make(6, 10), make(10, 20), 1.0, 1.0, gelu
            yield self, make(6, 10), make(10, 20), 2.0, 3.0, gelu
        for self in make.layouts(6, 20):
            yield self, make(6, 10), make(10, 20), 2.0, 1.0, gelu
        for mat1 in make.layouts(6, 10):
            for mat2 in make.layouts(10, 20):
                yield make(20), mat1, mat2, 1.0, 0.125, gelu
        yield make(3, 4), make(3, 5), make(5, 4), 0.0, 1.0, gelu
        if make.dtype not in INTEGERS:  # torch multiplies by a float there
            yield make(4), make(3, 0), make(0, 4), 1.0, 1.0, gelu
        yield make(4), make(0, 5), make(5, 4), 1.0, 1.0, gelu
        yield make(0), make(3, 5), make(5, 0), 1.0, 1.0, gelu
        if make.dtype.is_floating_point:
            yield make(7) * float("nan"), make(2, 3), make(3, 7), 1.0, 1.0, gelu
            yield make(1), make(1, 40), make(40, 300), 1.0, 1.0, gelu
            yield make(50), make(30, 40), make(40, 50), 1.0, 1.0, gelu


def infinite(make):
    for gelu in (False, True):
        yield make(7) * float("inf"), make(2, 3), make(3, 7), 1.0, 1.0, gelu


# With AVX-512 PyTorch's gelu of inf is NaN in these dtypes, not in float64.
op("aoti_torch_cpu__addmm_activation",
   reference=lambda *args: torch.ops.aten._addmm_activation(
       *(x.double() for x in args[:3]), beta=args[3], alpha=args[4],
       use_gelu=args[5]).to(args[0].dtype),
   dtypes=(torch.float32, torch.bfloat16, torch.float16), samples=infinite,
   bad=False)
op("aoti_torch_cpu__addmm_activation",
   aten=torch.ops.aten._addmm_activation.default, dtypes=(torch.float64,),
   samples=infinite, bad=False)


def bad(make):
    yield (make(4), make(3, 5), make(6, 4), 1.0, 1.0, False), (
        "addmm: mat1 and mat2 shapes cannot be multiplied (3x5 and 6x4)")
    yield (make(4), make(3, 5, 1), make(5, 4), 1.0, 1.0, False), (
        "addmm: self must be a matrix, got 3-D tensor")
    yield (make(7), make(3, 5), make(5, 4), 1.0, 1.0, False), (
        "The expanded size of the tensor (4) must match the existing size (7)")
    yield (make(4), make(3, 5, dtype=torch.float64), make(5, 4), 1.0, 1.0,
           False), (
        "mat1 and mat2 must have the same dtype, but got Double and Float")
    whole = [make(*s, dtype=torch.int32) for s in ((4,), (3, 5), (5, 4))]
    yield (*whole, 1.0, 1.0, True), (
        "\"GeluKernelImpl\" not implemented for 'Int'")
    numbers = [make(*s, dtype=torch.complex64) for s in ((4,), (3, 5), (5, 4))]
    yield (*numbers, 1.0, 1.0, False), (
        "clamp is not supported for complex types")
    yield (*numbers, 1.0, 1.0, True), (
        "\"GeluKernelImpl\" not implemented for 'ComplexFloat'")
    # torch dereferences the handle.
    yield Bad((make(4), make(3, 5), None, 1.0, 1.0, False),
              "mat2 is a NULL handle", torch_refuses=False)
