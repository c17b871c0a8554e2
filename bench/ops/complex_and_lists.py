# SPDX-License-Identifier: Apache-2.0
"""Operators on complex tensors and on lists of tensors, which models call by
name."""

UNARY = ("acos acosh asin asinh atan atanh cos cosh exp exp2 expm1 isinf isnan "
         "log log10 log1p log2 logical_not neg reciprocal rsqrt sigmoid sin sinh "
         "sqrt tan tanh _conj_physical").split()
LISTED = ("acos asin atan ceil cos cosh erf erfc exp expm1 floor frac lgamma log "
          "log10 log1p log2 round sigmoid sin sinh tan tanh trunc").split()


def elementwise(torch, harness):
    aten = torch.ops.aten
    x, y, z = [torch.randn(256, 256, dtype=torch.complex64) for _ in range(3)]
    for name in UNARY:
        f = getattr(aten, name).default
        yield (f"{name} complex 256x256", f"aten::{name}", (x,),
               lambda f=f: f(x), 1)
    for name in ("abs", "angle"):
        f = getattr(aten, name).default
        for dtype in (torch.complex64, torch.complex128):
            t = x.to(dtype)
            yield (f"{name} {str(dtype)[6:]} 256x256", f"aoti_torch_cpu_{name}",
                   (t,), lambda f=f, t=t: f(t), 1)
    yield ("pow 2 complex 256x256", "aoti_torch_cpu_pow_Tensor_Scalar",
           (x, 2.0), lambda: x ** 2.0, 1)
    yield ("div.Scalar complex 256x256", "aten::div.Scalar", (x, 2.5),
           lambda: aten.div.Scalar(x, 2.5), 1)
    yield ("div.Tensor complex 256x256 by a row", "aten::div.Tensor", (x, y[0]),
           lambda: x / y[0], 1)
    yield ("div.Tensor complex 256x256 transposed", "aten::div.Tensor",
           (x, y.t()), lambda: x / y.t(), 1)
    for name in ("addcmul", "addcdiv"):
        f = getattr(aten, name).default
        yield (f"{name} complex 256x256", f"aten::{name}", (x, y, z, 2.0),
               lambda f=f: f(x, y, z, value=2.0), 1)
    for name in ("logical_and", "logical_or", "logical_xor"):
        f = getattr(aten, name).default
        yield (f"{name} complex 256x256", f"aten::{name}", (x, y),
               lambda f=f: f(x, y), 1)
    for name in ("div.Tensor", "sub.Tensor", "eq.Tensor", "ldexp.Tensor"):
        op, overload = name.split(".")
        f = getattr(getattr(aten, op), overload)
        rest = (1,) if op == "sub" else ()
        yield (f"{name} complex 256x256", f"aten::{name}", (x, y, *rest),
               lambda f=f: f(x, y), 1)


def reductions(torch, harness):
    aten = torch.ops.aten
    x = torch.randn(256, 256, dtype=torch.complex64)
    zeros = torch.zeros_like(x)
    yield "any complex 256x256", "aten::any", (zeros,), lambda: zeros.any(), 1
    for dim in (0, 1):
        yield (f"any.dim complex 256x256 dim {dim}", "aten::any.dim",
               (zeros, dim, False), lambda d=dim: zeros.any(d), 1)
        for name in ("sum.dim_IntList", "mean.dim"):
            op, overload = name.split(".")
            f = getattr(getattr(aten, op), overload)
            yield (f"{op} complex 256x256 dim {dim}", f"aten::{name}",
                   (x, [dim], False, None), lambda f=f, d=dim: f(x, [d]), 1)
        for op, outputs in ("var", 1), ("var_mean", 2):
            f = getattr(aten, op).correction
            yield (f"{op} complex 256x256 dim {dim}", f"aten::{op}.correction",
                   (x, [dim], 1, False),
                   lambda f=f, d=dim: f(x, [d], correction=1), outputs)
        yield (f"prod complex 256x256 dim {dim}", "aten::prod.dim_int",
               (x, dim, False, None), lambda d=dim: x.prod(d), 1)
    yield ("sum complex 256x256 transposed", "aten::sum.dim_IntList",
           (x.t(), [0], False, None), lambda: x.t().sum(0), 1)
    rows = x.view(-1, 8)
    yield ("sum complex 8192x8 dim 1", "aten::sum.dim_IntList",
           (rows, [1], False, None), lambda: rows.sum(1), 1)
    yield ("sum complex 256x256", "aten::sum", (x, None), lambda: aten.sum(x), 1)
    yield ("var complex 256x256", "aten::var.correction", (x, None, 1, False),
           lambda: aten.var.correction(x, None, correction=1), 1)
    data = torch.randn(4096, 64)
    lengths = torch.full((256,), 16)
    yield ("segment_reduce 4096x64 by 16", "aten::segment_reduce",
           (data, "sum", lengths, None, None, 0, False, 0),
           lambda: aten.segment_reduce(data, "sum", lengths=lengths, axis=0,
                                       initial=0), 1)


def moves(torch, harness):
    aten = torch.ops.aten
    x, y = [torch.randn(256, 256, dtype=torch.complex64) for _ in range(2)]
    for dim in (0, 1):
        index = torch.randint(0, 256, (256, 256))
        yield (f"gather complex 256x256 dim {dim}", "aten::gather",
               (x, dim, index, False), lambda d=dim, i=index: x.gather(d, i), 1)
        yield (f"scatter complex 256x256 dim {dim}", "aten::scatter.src",
               (x, dim, index, y),
               lambda d=dim, i=index: x.scatter(d, i, y), 1)
        yield (f"scatter_add complex 256x256 dim {dim}", "aten::scatter_add",
               (x, dim, index, y),
               lambda d=dim, i=index: x.scatter_add(d, i, y), 1)
    rows, to = torch.randperm(256), x.clone()
    yield ("index_put_ complex 256x256 rows", "aten::index_put_",
           (to, [rows], y, False), lambda: aten.index_put_(to, [rows], y), 1)
    yield ("_unsafe_index complex 256x256 rows", "aten::_unsafe_index.Tensor",
           (x, [rows]), lambda: aten._unsafe_index(x, [rows]), 1)
    turned = x.t()
    yield ("clone complex 256x256 transposed", "aten::clone",
           (turned, torch.contiguous_format),
           lambda: aten.clone(turned, memory_format=torch.contiguous_format), 1)
    yield ("repeat complex 256x256 by 2x2", "aten::repeat", (x, [2, 2]),
           lambda: x.repeat(2, 2), 1)
    yield ("slice_scatter complex 256x256", "aten::slice_scatter",
           (x, y[:, ::2], 1, 0, 256, 2),
           lambda: aten.slice_scatter(x, y[:, ::2], 1, 0, 256, 2), 1)
    yield ("constant_pad_nd complex 256x256", "aten::constant_pad_nd",
           (x, [1, 1, 1, 1], 0), lambda: aten.constant_pad_nd(x, [1] * 4), 1)
    yield ("as_strided_copy complex 256x256", "aten::as_strided_copy",
           (x, [256, 256], [1, 256], None),
           lambda: aten.as_strided_copy(x, [256, 256], [1, 256]), 1)


def products(torch, harness):
    aten = torch.ops.aten
    x, y, z = [torch.randn(256, 256, dtype=torch.complex64) for _ in range(3)]
    yield ("addmm complex 256", "aten::addmm", (x, y, z, 1, 1),
           lambda: aten.addmm(x, y, z), 1)
    a, b, c = [torch.randn(8, 64, 64, dtype=torch.complex64) for _ in range(3)]
    yield ("baddbmm complex 8x64", "aten::baddbmm", (a, b, c, 1, 1),
           lambda: aten.baddbmm(a, b, c), 1)
    yield ("addbmm complex 8x64", "aten::addbmm", (a[0], b, c, 1, 1),
           lambda: aten.addbmm(a[0], b, c), 1)


def lists(torch, harness):
    aten = torch.ops.aten
    for size in (64, 1024):
        x, y, w = [[torch.rand(size, size) for _ in range(8)] for _ in range(3)]
        kind = f"8 of {size}x{size}"
        for name in LISTED:
            f = getattr(aten, "_foreach_" + name).default
            yield (f"_foreach_{name} {kind}", f"aten::_foreach_{name}", (x,),
                   lambda f=f, x=x: f(x), 8)
        for order in (2, 1, 3, float("inf")):
            yield (f"_foreach_norm {order} {kind}", "aten::_foreach_norm.Scalar",
                   (x, order, None),
                   lambda x=x, o=order: aten._foreach_norm.Scalar(x, o), 8)
        yield (f"_foreach_powsum 2 {kind}", "aten::_foreach_powsum.Scalar",
               (x, 2, None), lambda x=x: aten._foreach_powsum.Scalar(x, 2), 8)
        yield (f"_foreach_max {kind}", "aten::_foreach_max", (x,),
               lambda x=x: aten._foreach_max(x), 8)
        yield (f"_foreach_zero {kind}", "aten::_foreach_zero", (x,),
               lambda x=x: aten._foreach_zero(x), 8)
        yield (f"_foreach_lerp {kind}", "aten::_foreach_lerp.List", (x, y, w),
               lambda x=x, y=y, w=w: aten._foreach_lerp.List(x, y, w), 8)


def complex_lists(torch, harness):
    aten = torch.ops.aten
    for size in (64, 512):
        x, y, w = [[torch.randn(size, size, dtype=torch.complex64)
                    for _ in range(8)] for _ in range(3)]
        kind = f"8 of {size}x{size} complex"
        for name in "abs", "clone", "exp", "neg", "sqrt":
            f = getattr(aten, "_foreach_" + name).default
            rest = (None,) if name == "clone" else ()
            yield (f"_foreach_{name} {kind}", f"aten::_foreach_{name}",
                   (x, *rest), lambda f=f, x=x: f(x), 8)
        for name in "add", "mul", "div":
            f = getattr(aten, "_foreach_" + name)
            rest = (1,) if name == "add" else ()
            yield (f"_foreach_{name} {kind}", f"aten::_foreach_{name}.List",
                   (x, y, *rest), lambda f=f, x=x, y=y: f.List(x, y), 8)
            yield (f"_foreach_{name} 2.0 {kind}",
                   f"aten::_foreach_{name}.Scalar", (x, 2.0),
                   lambda f=f, x=x: f.Scalar(x, 2.0), 8)
        yield (f"_foreach_pow 2 {kind}", "aten::_foreach_pow.Scalar", (x, 2),
               lambda x=x: aten._foreach_pow.Scalar(x, 2), 8)
        yield (f"_foreach_addcmul {kind}", "aten::_foreach_addcmul.Scalar",
               (x, y, w, 2),
               lambda x=x, y=y, w=w: aten._foreach_addcmul.Scalar(x, y, w, 2), 8)
        yield (f"_foreach_lerp {kind}", "aten::_foreach_lerp.List", (x, y, w),
               lambda x=x, y=y, w=w: aten._foreach_lerp.List(x, y, w), 8)


def other_lists(torch, harness):
    aten = torch.ops.aten
    for dtype in (torch.float64, torch.bfloat16):
        x = [torch.rand(256, 256).to(dtype) for _ in range(8)]
        for name in ("exp", "floor", "log", "sigmoid", "sin", "sinh", "tanh"):
            f = getattr(aten, "_foreach_" + name).default
            yield (f"_foreach_{name} {str(dtype)[6:]} 8 of 256x256",
                   f"aten::_foreach_{name}", (x,), lambda f=f, x=x: f(x), 8)


def cases(torch, harness):
    for group in (elementwise, reductions, moves, products, lists,
                  complex_lists, other_lists):
        yield from group(torch, harness)
