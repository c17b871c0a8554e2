# SPDX-License-Identifier: Apache-2.0
"""See _qconv_pointwise_tensor.py."""
import torch
from harness import Bad, Sample, op

F8 = torch.float8_e4m3fn
ONEDNN = torch.ops.onednn


def reference(x, scale, zero_point, weight, weight_scales, zeros, accum, bias,
              stride, padding, dilation, groups, *rest):
    weight = ONEDNN.qconv_prepack(weight, weight_scales, float(scale),
                                  int(zero_point), stride, padding, dilation,
                                  groups)
    return ONEDNN.qconv2d_pointwise.binary_tensor(
        x, scale, zero_point, weight, weight_scales, zeros, accum, bias, stride,
        padding, dilation, groups, *rest)


op("aoti_torch_cpu__qconv2d_pointwise_binary_tensor", reference=reference,
   dtypes=(torch.uint8, F8))


def integers(make, *sizes, dtype=None, **options):
    """Such that the 16-bit sums of CPUs without VNNI do not saturate."""
    dtype = dtype or make.dtype
    if dtype == F8:
        return make(*sizes, dtype=dtype, **options)
    low, high = {torch.uint8: (0, 256), torch.int8: (-64, 64)}[dtype]
    return make(*sizes, dtype=dtype, low=low, high=high, **options)


def arguments(make, accum, unary="none", bias=True, out=torch.float32,
              out_scale=1.0, out_zero_point=0, accum_scale=1.0,
              accum_zero_point=0, groups=1, binary="sum", alpha=1.0, inputs=6):
    f8 = make.dtype == F8
    channels = accum.shape[1]
    return (integers(make, 2, inputs, 9, 10), torch.tensor(0.02),
            torch.tensor(0 if f8 else 7, dtype=torch.int32),
            integers(make, channels, inputs // groups, 3, 3,
                     dtype=F8 if f8 else torch.int8),
            make(channels, dtype=torch.float32, low=0.001, high=0.02),
            torch.zeros(channels, dtype=torch.int32), accum,
            make(channels, dtype=torch.float32) if bias else None, [1, 1],
            [1, 1], [1, 1], groups, out_scale, out_zero_point, out, accum_scale,
            accum_zero_point, binary, alpha, unary, [], None)


def samples(make):
    f8 = make.dtype == F8

    def accum(dtype, channels=8):
        values = (make if dtype.is_floating_point else
                  lambda *s, **o: integers(make, *s, **o))
        return values(2, channels, 9, 10, dtype=dtype, layout="channels_last")

    for unary in ("none", "relu", None):
        for bias in (False, True):
            yield arguments(make, accum(torch.float32), unary, bias)
        yield arguments(make, accum(torch.bfloat16), unary, out=torch.bfloat16)
        # See _qlinear_pointwise_tensor.py.
        if f8:
            yield Sample(arguments(make, accum(F8), unary, out=F8,
                                   out_scale=0.3, accum_scale=0.5),
                         rtol=0.13, atol=0.02)
            continue
        for dtype in (torch.uint8, torch.int8):
            yield Sample(arguments(make, accum(dtype), unary, out=dtype,
                                   out_scale=0.1, out_zero_point=9,
                                   accum_scale=0.2, accum_zero_point=5),
                         rtol=0, atol=1)
            # 64 columns and fewer, also of each channel by itself.
            for groups in (1, 75):
                yield Sample(arguments(make, accum(dtype, 75), unary, out=dtype,
                                       out_scale=0.1, accum_scale=0.2,
                                       accum_zero_point=5, groups=groups,
                                       inputs=75), rtol=0, atol=1)
            # The result is of the operand's type, whatever is asked for.
            yield Sample(arguments(make, accum(dtype), unary, out=None,
                                   out_scale=0.1), rtol=0, atol=1)
    yield arguments(make, accum(torch.float32, 6), groups=6)
    yield arguments(make, accum(torch.float32), groups=2)
    yield arguments(make, accum(torch.float32), alpha=2.0)  # ignored
    yield arguments(make, accum(torch.float32), alpha=None)


def bad(make):
    accum = make(2, 8, 9, 10, dtype=torch.float32, layout="channels_last")

    def args(accum=accum, **options):
        return arguments(make, accum, **options)

    yield args(accum.contiguous()), "accum tensor must be contiguous"
    yield args(unary="gelu"), "post_op sum or post_op sum_relu is supported"
    yield args(binary="add"), "Got binary_post_op: add"
    yield args(accum_scale=0.5), "accum_scale must be 1.0"
    yield args((accum * 9).to(torch.int8)), "should be KFloat or KBFloat"
    yield args(make(2, 8, 8, 10, dtype=torch.float32,
                    layout="channels_last")), (
        "has sizes [2, 8, 8, 10], expected [2, 8, 9, 10]")
    # torch dereferences the handle.
    whole = list(args())
    whole[6] = None
    yield Bad(whole, "NULL", torch_refuses=False)
