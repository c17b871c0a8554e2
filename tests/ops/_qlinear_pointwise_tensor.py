# SPDX-License-Identifier: Apache-2.0
"""The library takes plain weights [k, n]; PyTorch's integer kernels take only
what qlinear_prepack makes of [n, k]."""
import torch
from harness import Bad, Sample, op

F8 = torch.float8_e4m3fn
ONEDNN = torch.ops.onednn


def prepacked(weight):
    """PyTorch's form of |weight|; that of f8 is a plain view."""
    return ONEDNN.qlinear_prepack(weight.t().contiguous(), None)


def reference(x, scale, zero_point, weight, *rest):
    return ONEDNN.qlinear_pointwise.tensor(x, scale, zero_point,
                                           prepacked(weight), *rest)


op("aoti_torch_cpu__qlinear_pointwise_tensor", reference=reference,
   dtypes=(torch.uint8, torch.int8, F8))

UNARY = [("none", [], ""), ("relu", [], ""), ("leaky_relu", [0.1], ""),
         ("tanh", [], ""), ("gelu", [], "none"), ("gelu", [], "tanh"),
         ("hardtanh", [-0.5, 0.75], ""), ("hardswish", [], ""),
         ("swish", [], "")]


def integers(make, *sizes, dtype=None, **options):
    """Such that the 16-bit sums of CPUs without VNNI do not saturate."""
    dtype = dtype or make.dtype
    if dtype == F8:
        return make(*sizes, dtype=dtype, **options)
    low, high = {torch.uint8: (0, 256), torch.int8: (-64, 64)}[dtype]
    return make(*sizes, dtype=dtype, low=low, high=high, **options)


def weight_of(make, k, n, **options):
    return integers(make, k, n, dtype=F8 if make.dtype == F8 else torch.int8,
                    **options)


def qparams(make, n, zero_point=None):
    """Scales and zero points of the input and of the weight."""
    if zero_point is None:
        zero_point = 0 if make.dtype == F8 else 7
    return (torch.tensor(0.02), torch.tensor(zero_point, dtype=torch.int32),
            make(n, dtype=torch.float32, low=0.001, high=0.02),
            torch.zeros(n, dtype=torch.int32))


def call(make, x, weight, bias=None, out=torch.float32, out_scale=1.0,
         out_zero_point=0, unary=("none", [], ""), scales=None):
    n = weight.shape[1]
    s, z, ws, wz = scales or qparams(make, n)
    args = (x, s, z, weight, ws, wz, bias, out_scale, out_zero_point, out,
            *unary)
    # The result is rounded to f8 from a sum whose order differs: it may be the
    # next number. So may the rounding of what lies between two integers.
    if out == F8 or (out is None and make.dtype == F8):
        return Sample(args, rtol=0.13, atol=0.02)
    if out in (torch.uint8, torch.int8, None):
        return Sample(args, rtol=0, atol=1)
    return Sample(args)


def samples(make):
    def bias(n):
        return make(n, dtype=torch.float32)

    f8 = make.dtype == F8
    for out in (torch.float32, torch.bfloat16, torch.float16):
        yield call(make, integers(make, 5, 40), weight_of(make, 40, 20),
                   bias(20), out)
    for out in (F8, None) if f8 else (torch.uint8, torch.int8, None):
        for zero_point in (0,) if f8 else (0, 3):
            yield call(make, integers(make, 5, 40), weight_of(make, 40, 20),
                       bias(20), out, 0.05, zero_point)
    for unary in UNARY:
        yield call(make, integers(make, 5, 40), weight_of(make, 40, 20),
                   bias(20), unary=unary)
        if not f8:
            yield call(make, integers(make, 5, 40), weight_of(make, 40, 20),
                       bias(20), torch.uint8, 0.05, 100, unary)
    for m, k, n in [(1, 1, 1), (2, 3, 5), (6, 16, 16), (7, 17, 15), (13, 33, 70),
                    (40, 65, 130), (100, 8, 65)]:
        yield call(make, integers(make, m, k), weight_of(make, k, n))
    # 64 columns and fewer, of each type.
    for out in () if f8 else (torch.uint8, torch.int8, torch.bfloat16):
        scale = 1.0 if out == torch.bfloat16 else 0.05
        for unary in (UNARY[0], UNARY[1], UNARY[6], UNARY[7]):
            yield call(make, integers(make, 9, 33), weight_of(make, 33, 75),
                       bias(75), out, scale, 0, unary)
            if out != torch.bfloat16:
                yield call(make, integers(make, 9, 33), weight_of(make, 33, 75),
                           None, out, scale, 40, unary)
    if make.dtype == torch.uint8:
        # Sums of two products that fit into 16 bits, and weights that could
        # leave them beside inputs that do not.
        whole = make(40, 20, dtype=torch.int8, low=-128, high=128)
        yield call(make, make(7, 40, low=0, high=128), whole)
        weight = weight_of(make, 40, 20)
        weight[:4] = whole[:4]
        x = integers(make, 7, 40)
        x[:, :4] %= 100
        yield call(make, x, weight)
    # oneDNN's own sums are not those of 1-d input: it is a matrix there too.
    yield call(make, integers(make, 40), weight_of(make, 40, 20))
    yield call(make, integers(make, 2, 3, 40), weight_of(make, 40, 20), bias(20))
    for x in make.layouts(2, 3, 12):
        yield call(make, x, weight_of(make, 12, 20))
    for weight in make.layouts(12, 20, dtype=F8 if f8 else torch.int8):
        yield call(make, integers(make, 5, 12), weight)
    s, z, ws, wz = qparams(make, 20)
    for scales in [(s.double(), z.long(), ws, wz), (s.reshape(1), z, ws, wz),
                   (s, z, ws[:1], wz)]:
        yield call(make, integers(make, 5, 40), weight_of(make, 40, 20),
                   scales=scales)
    if not f8:
        yield call(make, integers(make, 5, 40), weight_of(make, 40, 20),
                   scales=(s, z[None][:0], ws, wz))
        yield call(make, integers(make, 0, 40), weight_of(make, 40, 20))
        yield call(make, integers(make, 2, 0, 40), weight_of(make, 40, 20))
        for dtype in (torch.bfloat16, torch.float16):
            yield call(make, integers(make, 5, 40), weight_of(make, 40, 20),
                       bias(20).to(dtype))
    yield call(make, integers(make, 5, 40), weight_of(make, 40, 20),
               bias(20)[None] if not f8 else bias(20))


def bad(make):
    x, w = integers(make, 3, 16), weight_of(make, 16, 8)
    s, z, ws, wz = qparams(make, 8)
    out, none = (1.0, 0, torch.float32), ("none", [], "")
    yield (x.float(), s, z, w, ws, wz, None, *out, *none), (
        "data type of input should be uint8, int8 or float8_e4m3fn")
    # torch takes any memory for a packed weight here.
    yield Bad((x, s, z, w.float(), ws, wz, None, *out, *none),
              "data type of weight", torch_refuses=False)
    yield (x, s, z, w.float().to(F8), ws, wz, None, *out, *none), (
        "should be the same for fp8")
    yield (torch.stack([x, x], -1)[..., 0].float().to(F8), s, z, w, ws, wz,
           None, *out, *none), "should be the same for fp8"
    yield (x, make(2, dtype=torch.float32), z, w, ws, wz, None, *out, *none), (
        "act scale/zp size should be 1")
    yield (x, s, make(2, dtype=torch.int32), w, ws, wz, None, *out, *none), (
        "act scale/zp size should be 1")
    yield (x, s, z, w, ws.double(), wz, None, *out, *none), (
        "weight scales should be dtype Float")
    # torch reads beyond the end.
    yield Bad((x, s, z, w, ws[:5].clone(), wz, None, *out, *none),
              "weight scales should have 1 or 8", torch_refuses=False)
    yield (integers(make, 3, 15), s, z, w, ws, wz, None, *out, *none), (
        "the last dimension of input is 15, weight is 16x8")
    yield (x, s, z, w, ws, wz, make(7, dtype=torch.float32), *out, *none), (
        "bias should have 8")
    yield (x, s, z, w, ws, wz, None, 0.5, 0, torch.float32, *none), (
        "expect output scale=1")
    yield (x, s, z, w, ws, wz, None, 1.0, 3, torch.bfloat16, *none), (
        "expect output scale=1")
    yield (x, s, z, w, ws, wz, None, 1.0, 0, torch.int32, *none), "output dtype"
    yield (x, s, z, w, ws, wz, None, 1.0, 0, F8, *none), "output dtype"
    yield (x, s, z, w, ws, wz, None, *out, "sigmoid", [], ""), (
        "unsupported unary post op sigmoid")
    yield (x, s, z, w, ws, wz, None, *out, "gelu", [], "x"), "gelu algorithm: x"
    yield (x, s, z, w, ws, wz, None, *out, "hardtanh", [1.0], ""), (
        "hardtanh is expected to have two scalar input")
    yield (x[0, 0], s, z, w, ws, wz, None, *out, *none), "at least one dimension"
    # torch dereferences the handles.
    for i in (0, 1, 2, 3, 4):
        args = [x, s, z, w, ws, wz, None, *out, *none]
        args[i] = None
        yield Bad(args, "NULL", torch_refuses=False)
