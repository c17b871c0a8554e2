# SPDX-License-Identifier: Apache-2.0
import torch
from harness import Bad, op

op("aoti_torch_cpu__scaled_mm_out",
   reference=lambda out, a, b, scale_a, scale_b, bias, result, dtype, fast:
   torch.ops.aten._scaled_mm.out(a, b, scale_a, scale_b, bias, result, dtype,
                                 bool(fast), out=out),
   dtypes=(torch.float8_e4m3fn, torch.float8_e5m2), outputs=())

TYPES = (torch.float32, torch.bfloat16, torch.float16)


def call(out, a, b, bias=None, result=None, dtype=None,
         scale_a=torch.tensor(0.5), scale_b=torch.tensor(0.75)):
    return out, a, b, scale_a, scale_b, bias, result, dtype, 0


def samples(make):
    a, b = make(6, 10), make(10, 8)
    for dtype in TYPES:
        for out in make.layouts(6, 8, dtype=dtype):
            if 0 not in out.stride():
                yield call(out, a, b)
                yield call(out, a, b, make(8, dtype=dtype), dtype=dtype)
                yield call(out, a, b, scale_a=make(6, 1, dtype=torch.float32),
                           scale_b=make(1, 8, dtype=torch.float32))
    # A float8 result is scaled if its type is named.
    yield call(make(6, 8), a, b, result=torch.tensor(4.0))
    yield call(make(6, 8), a, b, result=torch.tensor(4.0), dtype=make.dtype)
    yield call(make(6, 8, dtype=torch.float32), make(6, 0), make(0, 8))
    yield call(make(0, 8, dtype=torch.float32), make(0, 3), make(3, 8))


def bad(make):
    a, b = make(4, 8), make(8, 6)
    out = make(4, 6, dtype=torch.float32)
    yield call(out, a, b, dtype=torch.bfloat16), (
        "out_dtype must match output matrix type")
    yield call(out, a, b[:4]), (
        "mat_a and mat_b shapes cannot be multiplied (4x8 and 4x6)")
    yield call(out, a, b, torch.ones(5)), "Bias must be size 6 but got 5"
    yield call(out[:1].expand(4, 6), a, b), "refers to a single memory location"
    # torch resizes the output, which belongs to the model here.
    yield Bad(call(make(4, 7, dtype=torch.float32), a, b),
              "out has sizes [4, 7], expected [4, 6]", torch_refuses=False)
    # torch dereferences the handle.
    yield Bad(call(None, a, b), "out is a NULL handle", torch_refuses=False)
