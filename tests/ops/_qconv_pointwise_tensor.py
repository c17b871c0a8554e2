# SPDX-License-Identifier: Apache-2.0
"""The library takes plain weights; PyTorch's integer kernels take only what
qconv_prepack makes of them."""
import itertools

import torch
from harness import Bad, Sample, op

F8 = torch.float8_e4m3fn
ONEDNN = torch.ops.onednn


def reference(x, scale, zero_point, weight, weight_scales, zeros, bias, stride,
              padding, dilation, groups, *rest):
    # Prepacking wants the weight of a 1-d convolution as such.
    plain = weight[:, :, 0] if x.dim() == 3 and weight.dim() == 4 else weight
    weight = ONEDNN.qconv_prepack(plain.contiguous(), weight_scales.reshape(-1),
                                  float(scale.reshape(-1)[0]),
                                  int(zero_point.reshape(-1)[0]), stride,
                                  padding, dilation, groups)
    return ONEDNN.qconv_pointwise.tensor(x, scale, zero_point, weight,
                                         weight_scales, zeros, bias, stride,
                                         padding, dilation, groups, *rest)


op("aoti_torch_cpu__qconv_pointwise_tensor", reference=reference,
   dtypes=(torch.uint8, F8))
# The same function by its older name.
op("aoti_torch_cpu__qconv2d_pointwise_tensor", reference=reference,
   dtypes=(torch.uint8, F8),
   samples=lambda make: itertools.islice(samples(make), 12))


def integers(make, *sizes, dtype=None, **options):
    """Such that the 16-bit sums of CPUs without VNNI do not saturate."""
    dtype = dtype or make.dtype
    if dtype == F8:
        return make(*sizes, dtype=dtype, **options)
    low, high = {torch.uint8: (0, 256), torch.int8: (-64, 64)}[dtype]
    return make(*sizes, dtype=dtype, low=low, high=high, **options)


def call(make, x, kernel, channels, bias=True, stride=1, padding=0, dilation=1,
         groups=1, out=torch.float32, out_scale=1.0, out_zero_point=0,
         unary=("none", [], None), scales=None, weight=None):
    """A convolution to |channels| with a kernel of |kernel| taps."""
    f8 = make.dtype == F8
    dims = len(kernel)
    # The weight of a 1-d convolution is packed as that of a 2-d one.
    taps = (1, *kernel) if dims == 1 else kernel
    if weight is None:
        weight = integers(make, channels, x.shape[1] // groups, *taps,
                          dtype=F8 if f8 else torch.int8)
    weight_scales = make(channels, dtype=torch.float32, low=0.001, high=0.02)
    args = (x, torch.tensor(0.02),
            torch.tensor(0 if f8 else 7, dtype=torch.int32), weight,
            scales if scales is not None else weight_scales,
            torch.zeros(channels, dtype=torch.int32),
            make(channels, dtype=torch.float32) if bias else None,
            [stride] * dims, [padding] * dims, [dilation] * dims, groups,
            out_scale, out_zero_point, out, *unary)
    # See _qlinear_pointwise_tensor.py.
    if out == F8 or (out is None and f8):
        return Sample(args, rtol=0.13, atol=0.02)
    if out in (torch.uint8, torch.int8, None):
        return Sample(args, rtol=0, atol=1)
    return Sample(args)


def samples(make):
    f8 = make.dtype == F8

    def x(*sizes, **options):
        return integers(make, *sizes, **options)

    for layout in make.LAYOUTS:
        yield call(make, x(3, 6, 7, 8, layout=layout), (3, 3), 8, padding=1)
    for options in [dict(stride=2), dict(padding=2), dict(dilation=2),
                    dict(stride=2, padding=1, dilation=2), dict(groups=2),
                    dict(groups=2, padding=1, stride=3), dict(bias=False)]:
        yield call(make, x(2, 6, 9, 10), (3, 3), 8, **options)
        yield call(make, x(2, 6, 9, 10), (2, 3), 20, **options)
        yield call(make, x(2, 6, 19), (3,), 8, **options)
        yield call(make, x(2, 6, 7, 6, 5), (3, 2, 2), 8, **options)
    # One channel by itself, also with more than one result of each.
    for channels in (5, 32, 37):
        for stride in (1, 2):
            yield call(make, x(2, channels, 9, 8), (3, 3), channels, padding=1,
                       stride=stride, groups=channels)
    yield call(make, x(2, 6, 9, 8), (3, 3), 12, padding=1, groups=6)
    yield call(make, x(2, 6, 19), (3,), 6, padding=1, groups=6)
    yield call(make, x(2, 6, 5, 6, 7), (3, 3, 3), 6, padding=1, groups=6)
    # Chunks of 64 channels, pieces of a line, rows of the kernel by fours.
    for channels, size, kernel, options in [
            (64, (5, 60), (3, 3), dict(padding=1)),
            (70, (9, 50), (5, 5), dict(padding=2, stride=2)),
            (130, (7, 7), (3, 3), dict(padding=2, dilation=2)),
            (17, (4, 9), (1, 7), dict(stride=3)),
            (48, (12, 5), (9, 2), dict(padding=1, bias=False)),
            (33, (3, 40), (3, 3), dict(padding=20, dilation=20)),
            (64, (11, 30), (3, 3), dict(padding=1, stride=5))][7 * f8:]:
        yield call(make, x(2, channels, *size), kernel, channels,
                   groups=channels, **options)
        yield call(make, x(2, channels, *size), kernel, channels,
                   groups=channels, out=torch.uint8, out_scale=0.3,
                   unary=("relu", [], None), **options)
    # Patches of runs of all lengths, at the edges and inside.
    for channels, size, kernel, options in [
            (1, (9, 20), (3, 2), dict(padding=1)),
            (1, (9, 20), (5, 7), dict(padding=3)),
            (3, (20, 21), (7, 7), dict(padding=3, stride=2)),
            (16, (8, 9), (3, 3), dict(padding=1)),
            (24, (8, 9), (3, 3), dict(padding=1)),
            (64, (6, 7), (3, 3), dict(padding=1)),
            (40, (6, 7), (3, 3), dict(padding=3, dilation=3)),
            (20, (6, 5), (3, 3), dict(padding=4, groups=4)),
            (4, (12, 14), (9, 9), dict(padding=4, groups=2)),
            (6, (4, 3), (3, 5), dict(padding=2))][10 * f8:]:
        yield call(make, x(2, channels, *size), kernel, 68, **options)
    # Channels-last strides that are plain ones, too.
    for sizes, kernel in [((2, 1, 6, 5), (3, 2)), ((2, 4, 1, 1), (1, 1)),
                          ((2, 4, 3, 2), (3, 2)), ((2, 1, 9), (3,)),
                          ((2, 4, 1), (1,)), ((2, 1, 4, 5, 6), (2, 2, 2)),
                          ((2, 4, 1, 1, 1), (1, 1, 1))]:
        for channels in (1, 3):
            for layout in make.LAYOUTS:
                yield call(make, x(*sizes, layout=layout), kernel, channels)
    # A matrix product.
    yield call(make, x(2, 20, 5, 7), (1, 1), 70)
    yield call(make, x(2, 20, 5, 7), (1, 1), 30, groups=2)
    yield call(make, x(2, 20, 5, 7), (1, 1), 30, stride=2)
    yield call(make, x(1, 3, 40, 40), (7, 7), 64, stride=2, padding=3)
    for out in (torch.bfloat16, F8, None) if f8 else (
            torch.bfloat16, torch.uint8, torch.int8, None):
        plain = out == torch.bfloat16
        yield call(make, x(2, 6, 9, 10), (3, 3), 8, out=out,
                   out_scale=1.0 if plain else 0.1,
                   out_zero_point=0 if plain or f8 else 9)
    for unary in [("relu", [], None), ("hardtanh", [-0.5, 0.75], None),
                  ("hardswish", [], None), ("swish", [], "")]:
        yield call(make, x(2, 6, 9, 10), (3, 3), 8, unary=unary)
        if not f8:
            yield call(make, x(2, 6, 9, 10), (3, 3), 8, unary=unary,
                       out=torch.uint8, out_scale=0.05, out_zero_point=100)
    yield call(make, x(2, 6, 9), (3,), 8, unary=("relu", [], None))
    # 64 columns and fewer, of each type and function.
    for out in () if f8 else (torch.float32, torch.bfloat16, torch.uint8,
                              torch.int8):
        plain = out in (torch.float32, torch.bfloat16)
        for unary in [("none", [], None), ("relu", [], None),
                      ("hardtanh", [-0.5, 0.75], None),
                      ("hardswish", [], None)]:
            for zero_point in (0,) if plain else (0, 31):
                yield call(make, x(1, 20, 5, 5), (3, 3), 75, out=out,
                           padding=1, unary=unary,
                           out_scale=1.0 if plain else 0.02,
                           out_zero_point=zero_point)
    for scales in [torch.tensor([0.01])] + [torch.rand(8).double()][f8:]:
        yield call(make, x(2, 6, 9, 10), (3, 3), 8, scales=scales)
    yield call(make, x(0, 6, 9, 10), (3, 3), 8)
    weight = integers(make, 8, 6, 3, 3, dtype=F8 if f8 else torch.int8,
                      layout="channels_last")
    yield call(make, x(2, 6, 9, 10), (3, 3), 8, weight=weight)


def bad(make):
    x, w = integers(make, 2, 6, 9, 10), integers(make, 8, 6, 3, 3,
                                                 dtype=torch.int8)
    s, z = torch.tensor(0.02), torch.tensor(7, dtype=torch.int32)
    ws, wz = torch.rand(8), torch.zeros(8, dtype=torch.int32)
    where = ([1, 1], [0, 0], [1, 1], 1)
    out, none = (1.0, 0, torch.float32), ("none", [], None)
    yield (x.to(torch.int8), s, z, w, ws, wz, None, *where, *out, *none), (
        "Input tensor should have uint8")
    yield (x, s, z, w.float(), ws, wz, None, *where, *out, *none), (
        "Weight tensor should have int8")
    yield (x.float().to(F8), s, z, w, ws, wz, None, *where, *out, *none), (
        "expect input tensor to have uint8")
    yield (x, s, z, w[0], ws, wz, None, *where, *out, *none), (
        "Weights are expected to have 4 dimensions")
    yield (x[0, 0], s, z, w, ws, wz, None, *where, *out, *none), (
        "input should have 3 to 5 dimensions")
    yield (x, s, z, w, ws, wz, None, [1], [0, 0], [1, 1], 1, *out, *none), (
        "stride should contain 2 elements")
    yield (x, s, z, w, ws, wz, None, [1, 1], [0], [1, 1], 1, *out, *none), (
        "padding should contain 2 elements")
    yield (x, s, z, w, ws, wz, None, [1, 1], [0, 0], [1], 1, *out, *none), (
        "dilation should contain 2 elements")
    yield (x, torch.rand(2), z, w, ws, wz, None, *where, *out, *none), (
        "act scale/zp size should be 1")
    yield (x, s, z, w, ws.half(), wz, None, *where, *out, *none), (
        "data type Double or float")
    # torch reads beyond the end.
    yield Bad((x, s, z, w, ws[:5].clone(), wz, None, *where, *out, *none),
              "weight scales should have 1 or 8", torch_refuses=False)
    yield (x, s, z, w, ws, wz, torch.rand(7), *where, *out, *none), (
        "expected bias to be 1-dimensional with 8")
    yield (x[:, :5].clone(), s, z, w, ws, wz, None, *where, *out, *none), (
        "to have 6 channels, but got 5")
    yield (x, s, z, w, ws, wz, None, *where, 0.5, 0, torch.float32, *none), (
        "expect output scale=1")
    yield (x, s, z, w, ws, wz, None, *where, 1.0, 0, torch.int32, *none), (
        "output dtype")
    yield (x, s, z, w, ws, wz, None, *where, *out, "gelu", [], "none"), (
        "Unsupported post op gelu for quantized pointwise conv2d")
    yield (x[:, :, 0].clone(), s, z, w[:, :, :1].clone(), ws, wz, None, [1],
           [0], [1], 1, *out, "swish", [], None), (
        "Unsupported post op swish for quantized pointwise conv1d")
    # torch makes a result without elements of it.
    yield Bad((x[:, :, :2].clone(), s, z, w, ws, wz, None, *where, *out, *none),
              "Kernel size can't be greater", torch_refuses=False)
    # Such a zero point is no number of the input's.
    yield Bad((x, s, torch.tensor(300), w, ws, wz, None, *where, *out, *none),
              "out of range for uint8", torch_refuses=False)
    # torch dereferences the handles.
    for i in (0, 1, 2, 3, 4):
        args = [x, s, z, w, ws, wz, None, *where, *out, *none]
        args[i] = None
        yield Bad(args, "NULL", torch_refuses=False)
