# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOAT8, Bad, Sample, op

DTYPES = FLOAT8
TYPED = (torch.float8_e4m3fn, torch.float8_e5m2)
scaled_mm = torch.ops.aten._scaled_mm.default


def old(self, mat2, bias, out_dtype, scale_a, scale_b, scale_result, fast):
    """The C function's order before it followed the schema, and two results
    of which the second is gone."""
    return [scaled_mm(self, mat2, scale_a, scale_b, bias, scale_result,
                      out_dtype, bool(fast)), None]


def reference(self, mat2, scale_a, scale_b, bias, scale_result, out_dtype,
              fast):
    return scaled_mm(self, mat2, scale_a, scale_b, bias, scale_result,
                     out_dtype, bool(fast))


def second(self, mat2, scale_a, scale_b, bias, scale_result, out_dtype, fast):
    return self, mat2, bias, out_dtype, scale_a, scale_b, scale_result, fast


def operand(make, *sizes, dtype=None, layout="contiguous"):
    """Small numbers: e8m0 has powers of two only, and the results of float8
    must not overflow."""
    values = make(*sizes, dtype=torch.float32, layout=layout)
    dtype = dtype or make.dtype
    if dtype == torch.float8_e8m0fnu:
        values = values.abs() + 0.1
    return values.clamp(-3, 3).to(dtype)


def scale(value):
    return torch.tensor(value)


def calls(make):
    def call(a, b, scale_a=scale(0.5), scale_b=scale(0.75), bias=None,
             result=None, dtype=torch.float32, fast=0):
        return a, b, scale_a, scale_b, bias, result, dtype, fast

    a, b = operand(make, 6, 10), operand(make, 10, 8)
    for first in make.LAYOUTS[:5]:
        for then in make.LAYOUTS[:5]:
            yield call(operand(make, 6, 10, layout=first),
                       operand(make, 10, 8, layout=then))
    floats = make(8, dtype=torch.float32)
    for dtype in (None, torch.float32, torch.bfloat16, torch.float16, *TYPED):
        yield call(a, b, dtype=dtype)
        yield call(a, b, bias=floats, dtype=dtype)
        yield call(a, b, result=scale(2.0), dtype=dtype)
        yield call(a, b, make(6, 1, dtype=torch.float32),
                   make(1, 8, dtype=torch.float32), floats, dtype=dtype)
    # Sums of float, whatever the result.
    yield Sample(call(a, b, bias=floats, dtype=torch.float64), rtol=1e-5,
                 atol=1e-5)
    yield call(a, b, torch.tensor([0.5]), torch.tensor([[0.25]]))
    yield call(a, b, bias=floats.bfloat16(), dtype=torch.bfloat16)
    yield call(a, b, bias=floats.half(), dtype=torch.float16)
    yield call(a, b, bias=make(16, dtype=torch.float32)[::2])
    yield call(a, b, bias=floats[None])
    yield call(a, b, bias=make(8, dtype=torch.float64), fast=1)
    yield call(operand(make, 1, 10), b, make(1, 1, dtype=torch.float32),
               make(1, 8, dtype=torch.float32))
    for dtype in TYPED:
        yield call(a, operand(make, 10, 8, dtype=dtype))
    yield call(operand(make, 6, 0), operand(make, 0, 8), bias=floats)
    yield call(operand(make, 0, 10), b, bias=floats)
    yield call(a, operand(make, 10, 0))
    yield call(operand(make, 70, 64), operand(make, 64, 40))


def bad_calls(make):
    a, b, one = operand(make, 4, 8), operand(make, 8, 6), scale(1.0)

    def call(first=a, then=b, scale_a=one, scale_b=one, bias=None, result=None,
             dtype=torch.float32):
        return first, then, scale_a, scale_b, bias, result, dtype, 0

    yield call(a[None]), "mat1 must be a matrix"
    yield call(then=b[0]), "mat2 must be a matrix"
    yield call(then=b[:4]), (
        "mat_a and mat_b shapes cannot be multiplied (4x8 and 4x6)")
    yield call(a.float()), "Invalid scaling configuration"
    yield call(scale_a=one.double()), "Invalid scaling configuration"
    yield call(scale_a=torch.ones(4, 1)), "Invalid scaling configuration"
    yield call(scale_a=torch.ones(5, 1), scale_b=torch.ones(1, 6)), (
        "Invalid scaling configuration")
    yield call(scale_a=torch.ones(4, 1), scale_b=torch.ones(6, 1)), (
        "Invalid scaling configuration")
    yield call(scale_a=torch.ones(8, 1)[::2], scale_b=torch.ones(1, 6)), (
        "Invalid scaling configuration")
    yield call(bias=torch.ones(3)), "Bias must be size 6 but got 3"
    yield call(bias=torch.ones(6, 1)), "The expanded size of the tensor"
    yield call(bias=torch.ones(6, dtype=torch.complex64)), (
        "can't be cast to the desired output type")
    yield call(result=torch.ones(3)), "scale_result must be a float scalar"
    # torch dereferences the handle.
    yield Bad(call(None), "self is a NULL handle", torch_refuses=False)


def reordered(entries):
    for entry in entries:
        if isinstance(entry, Bad):
            yield Bad(second(*entry.args), entry.message,
                      torch_refuses=entry.torch_refuses)
        else:
            yield second(*entry[0]), entry[1]


op("aoti_torch_cpu__scaled_mm", reference=reference, dtypes=DTYPES,
   samples=calls, bad=bad_calls)
op("aoti_torch__scaled_mm_v2", reference=reference, dtypes=TYPED,
   samples=calls, bad=bad_calls)
op("aoti_torch__scaled_mm", reference=old, dtypes=TYPED,
   samples=lambda make: (second(*call) for call in calls(make)
                         if not isinstance(call, Sample)),
   bad=lambda make: reordered(bad_calls(make)), outputs=("Tensor", "Tensor"))
