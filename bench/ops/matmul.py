# SPDX-License-Identifier: Apache-2.0
"""Matrix products beside mm, addmm and bmm; norms of rows; distances."""


def cases(torch, harness):
    """(name, symbol, arguments in C order, the same in torch as a callable,
    number of results)"""
    yield from norms(torch)
    yield from products(torch)
    yield from eighths(torch)
    yield from groups(torch)
    yield from distances(torch)
    yield from trilinear(torch)


def norms(torch):
    norm = torch.ops.aten._fused_rms_norm.default
    for rows, width, dtype in ((128, 2048, torch.float32),
                               (1, 4096, torch.float32),
                               (128, 2048, torch.bfloat16)):
        x, w = torch.randn(rows, width).to(dtype), torch.randn(width).to(dtype)
        yield (f"_fused_rms_norm {rows}x{width} {str(dtype)[6:]}",
               "aoti_torch_cpu__fused_rms_norm", (x, [width], w, 1e-5),
               lambda x=x, w=w: norm(x, list(w.shape), w, 1e-5), 2)


def products(torch):
    aten = torch.ops.aten
    for rows, columns, dtype in ((1024, 1024, torch.float32),
                                 (256, 64, torch.float32),
                                 (1024, 1024, torch.bfloat16),
                                 (512, 512, torch.int64)):
        self, mat, vec = [(torch.randn(s) * 9).to(dtype)
                          for s in ((rows,), (rows, columns), (columns,))]
        yield (f"addmv {rows}x{columns} {str(dtype)[6:]}",
               "aoti_torch_cpu_addmv", (self, mat, vec, 1.0, 1.0),
               lambda a=self, b=mat, c=vec: aten.addmv(a, b, c), 1)
    self, a, b = (torch.randn(64, 64), torch.randn(16, 64, 64),
                  torch.randn(16, 64, 64))
    yield ("addbmm 16x64x64x64", "aoti_torch_cpu_addbmm",
           (self, a, b, 1.0, 1.0), lambda: aten.addbmm(self, a, b), 1)
    for m, k, n in ((128, 768, 3072), (1, 768, 3072)):
        bias, x, w = torch.randn(n), torch.randn(m, k), torch.randn(n, k).t()
        for gelu in (False, True):
            yield (f"_addmm_activation {m}x{k}x{n} "
                   + ("gelu" if gelu else "relu"),
                   "aoti_torch_cpu__addmm_activation",
                   (bias, x, w, 1.0, 1.0, gelu),
                   lambda b=bias, x=x, w=w, g=gelu: aten._addmm_activation(
                       b, x, w, use_gelu=g), 1)


def eighths(torch):
    aten = torch.ops.aten
    for m, k, n in ((128, 768, 768), (1, 768, 3072)):
        x = torch.randint(-128, 128, (m, k), dtype=torch.int8)
        w = torch.randint(-128, 128, (n, k), dtype=torch.int8).t()
        out = torch.empty(m, n, dtype=torch.int32)
        yield (f"_int_mm {m}x{k}x{n}", "aoti_torch_cpu__int_mm_out", (out, x, w),
               lambda o=out, x=x, w=w: aten._int_mm.out(x, w, out=o), 0)
        kind = torch.float8_e4m3fn
        x, w = torch.randn(m, k).to(kind), torch.randn(n, k).to(kind).t()
        bias, one = torch.randn(n), torch.ones(())
        rows, columns = torch.rand(m, 1), torch.rand(1, n)
        for a, b, name in ((one, one, "tensor"), (rows, columns, "rows")):
            yield (f"_scaled_mm {m}x{k}x{n} {name}", "aoti_torch_cpu__scaled_mm",
                   (x, w, a, b, bias, None, torch.bfloat16, 0),
                   lambda x=x, w=w, a=a, b=b, c=bias: aten._scaled_mm(
                       x, w, a, b, c, None, torch.bfloat16, False), 1)


def groups(torch):
    grouped = torch.ops.aten._grouped_mm.default
    ends = torch.arange(32, 257, 32, dtype=torch.int32)
    for dtype in (torch.float32, torch.bfloat16):
        x = torch.randn(256, 256).to(dtype)
        w = torch.randn(8, 512, 256).to(dtype).transpose(1, 2)
        yield (f"_grouped_mm 8 of 32x256x512 {str(dtype)[6:]}",
               "aoti_torch_cpu__grouped_mm", (x, w, ends, None, None),
               lambda x=x, w=w: grouped(x, w, ends), 1)


def distances(torch):
    aten = torch.ops.aten
    for rows, others, width in ((500, 500, 3), (200, 200, 128)):
        x, y = torch.randn(rows, width), torch.randn(others, width)
        for p, mode in ((1.0, 2), (2.0, 2), (3.0, 2), (float("inf"), 2),
                        (2.0, 1)):
            name = f"{rows}x{others}x{width} p {p:g}"
            yield (f"_cdist_forward {name}" + (" product" * (mode == 1)),
                   "aoti_torch_cpu__cdist_forward", (x, y, p, mode),
                   lambda x=x, y=y, p=p, m=mode: aten._cdist_forward(
                       x, y, p, m), 1)
            if mode == 2:
                dist = aten._cdist_forward(x, y, p, 2)
                grad = torch.randn_like(dist)
                yield (f"_cdist_backward {name}",
                       "aoti_torch_cpu__cdist_backward", (grad, x, y, p, dist),
                       lambda g=grad, x=x, y=y, p=p, d=dist:
                       aten._cdist_backward(g, x, y, p, d), 1)
    for rows, width in ((500, 3), (200, 128)):
        x = torch.randn(rows, width)
        for p in (1.0, 2.0, 3.0, float("inf")):
            name = f"{rows}x{width} p {p:g}"
            yield (f"_pdist_forward {name}", "aoti_torch_cpu__pdist_forward",
                   (x, p), lambda x=x, p=p: aten._pdist_forward(x, p), 1)
            dist = aten._pdist_forward(x, p)
            grad = torch.randn_like(dist)
            yield (f"_pdist_backward {name}", "aoti_torch_cpu__pdist_backward",
                   (grad, x, p, dist), lambda g=grad, x=x, p=p, d=dist:
                   aten._pdist_backward(g, x, p, d), 1)


def trilinear(torch):
    run = torch.ops.aten._trilinear.default
    x, w, y = torch.randn(128, 64), torch.randn(32, 64, 48), torch.randn(128, 48)
    grad = torch.randn(128, 32)
    for name, args in (
            ("forward", (x, w, y, [1, 3], [0], [1, 2], [2, 3], 1)),
            ("gradient for input1", (grad, w, y, [2, 3], [0], [1, 2], [1, 3],
                                     1)),
            ("gradient for weight", (grad, x, y, [2, 3], [1, 3], [1, 2], [0],
                                     1))):
        yield (f"_trilinear {name}", "aoti_torch_cpu__trilinear", args,
               lambda a=args: run(*a), 1)
