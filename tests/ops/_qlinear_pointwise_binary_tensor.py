# SPDX-License-Identifier: Apache-2.0
"""See _qlinear_pointwise_tensor.py."""
import torch
from harness import Bad, Sample, op

F8 = torch.float8_e4m3fn
ONEDNN = torch.ops.onednn


def reference(x, scale, zero_point, weight, *rest):
    weight = ONEDNN.qlinear_prepack(weight.t().contiguous(), None)
    return ONEDNN.qlinear_pointwise.binary_tensor(x, scale, zero_point, weight,
                                                  *rest)


op("aoti_torch_cpu__qlinear_pointwise_binary_tensor", reference=reference,
   dtypes=(torch.uint8, torch.int8, F8))


def integers(make, *sizes, dtype=None):
    """Such that the 16-bit sums of CPUs without VNNI do not saturate."""
    dtype = dtype or make.dtype
    if dtype == F8:
        return make(*sizes, dtype=dtype)
    low, high = {torch.uint8: (0, 256), torch.int8: (-64, 64)}[dtype]
    return make(*sizes, dtype=dtype, low=low, high=high)


def call(make, other, binary, unary="none", bias=True, out=torch.float32,
         out_scale=1.0, out_zero_point=0, other_scale=1.0, other_zero_point=0,
         m=(5,), k=40, n=20):
    f8 = make.dtype == F8
    args = (integers(make, *m, k), torch.tensor(0.02),
            torch.tensor(0 if f8 else 7, dtype=torch.int32),
            integers(make, k, n, dtype=F8 if f8 else torch.int8),
            make(n, dtype=torch.float32, low=0.001, high=0.02),
            torch.zeros(n, dtype=torch.int32), other,
            make(n, dtype=torch.float32) if bias else None, out_scale,
            out_zero_point, out, other_scale, other_zero_point, binary, 1.0,
            unary, [], "")
    # See _qlinear_pointwise_tensor.py.
    if out == F8 or (out is None and f8):
        return Sample(args, rtol=0.13, atol=0.02)
    if out in (torch.uint8, torch.int8, None):
        return Sample(args, rtol=0, atol=1)
    return Sample(args)


def samples(make):
    f8 = make.dtype == F8
    f32, bf16 = torch.float32, torch.bfloat16
    for unary in ("none", "relu"):
        yield call(make, make(5, 20, dtype=f32), "sum", unary)
        yield call(make, make(5, 20, dtype=f32), "add", unary)
        yield call(make, make(5, 20, dtype=bf16), "sum", unary, out=bf16)
        yield call(make, make(5, 20, dtype=f32), "add", unary, out=bf16)
        if f8:
            yield call(make, make(5, 20), "sum", unary, out=None, out_scale=0.3,
                       other_scale=0.5)
            yield call(make, make(5, 20), "add", unary, out=F8, out_scale=0.3,
                       other_scale=0.5)
            continue
        for dtype in (torch.uint8, torch.int8):
            yield call(make, integers(make, 5, 20, dtype=dtype), "sum", unary,
                       out=dtype, out_scale=0.1, out_zero_point=9,
                       other_scale=0.2, other_zero_point=5)
            yield call(make, make(5, 20, dtype=f32), "add", unary, out=dtype,
                       out_scale=0.1, out_zero_point=9)
            yield call(make, integers(make, 5, 20, dtype=dtype), "add", unary)
            # 64 columns and fewer.
            yield call(make, integers(make, 9, 75, dtype=dtype), "sum", unary,
                       out=dtype, out_scale=0.1, other_scale=0.2,
                       other_zero_point=5, m=(9,), n=75)
            yield call(make, make(9, 75, dtype=f32), "add", unary, out=dtype,
                       out_scale=0.1, out_zero_point=9, m=(9,), n=75)
        yield call(make, integers(make, 5, 20), "sum", out=None, out_scale=0.1)
    yield call(make, make(2, 3, 20, dtype=f32), "sum", m=(2, 3))
    yield call(make, make(2, 3, 20, dtype=f32), "add", m=(2, 3), bias=False)
    yield call(make, make(5, 20, dtype=f32), "none", "relu")
    yield call(make, None, "none")
    if not f8:
        yield call(make, make(1, 20, dtype=f32), "add")
    yield call(make, make(50, 130, dtype=f32), "sum", m=(50,), n=130)


def bad(make):
    x, w = integers(make, 3, 16), integers(make, 16, 8, dtype=torch.int8)
    head = (x, torch.tensor(0.02), torch.tensor(7, dtype=torch.int32), w,
            make(8, dtype=torch.float32), torch.zeros(8, dtype=torch.int32))
    other = make(3, 8, dtype=torch.float32)
    out = (None, 1.0, 0, torch.float32)

    def args(other, binary="sum", alpha=1.0, unary="none", scale=1.0, out=out):
        return (*head, other, *out, scale, 0, binary, alpha, unary, [], "")

    yield args(other, alpha=2.0), "alpha != 1"
    yield args(None), "the extra input is missing for post op sum"
    yield args(other, binary="mul"), "unsupported binary post op mul"
    yield args(other, unary="gelu"), "unsupported unary post op gelu with"
    yield args(other, scale=0.5), "expect extra input scale = 1.0"
    yield args(other.bfloat16()), "should be Float (same as output dtype)"
    yield args(other, out=(None, 1.0, 0, None)), "should be Byte (same as"
    # torch reads and writes beyond the end.
    yield Bad(args(make(2, 8, dtype=torch.float32)),
              "has sizes [2, 8], expected [3, 8]", torch_refuses=False)
    yield Bad(args(make(3, 7, dtype=torch.float32), binary="add"),
              "the extra input is 3 x 7, expected 3 x 8", torch_refuses=False)
    yield Bad(args(make(1, 8, dtype=torch.float32).expand(3, 8)),
              "more than once", torch_refuses=False)
