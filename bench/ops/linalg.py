# SPDX-License-Identifier: Apache-2.0
"""Fourier transforms and linear algebra."""


def fourier(torch):
    aten = torch.ops.aten
    for sizes, dims in [
            ((1024,), [0]), ((64, 512), [1]), ((1000, 64), [0]), ((4099,), [0]),
            ((32, 128, 128), [1, 2]), ((1 << 18,), [0])]:
        x = torch.randn(sizes, dtype=torch.complex64)
        yield (f"fft c2c {list(sizes)} dim {dims}", "aoti_torch_cpu__fft_c2c",
               (x, dims, 0, True),
               lambda x=x, d=dims: aten._fft_c2c(x, d, 0, True), 1)
    x = torch.randn(256, 1024, dtype=torch.complex128)
    yield ("fft c2c f64 [256, 1024]", "aoti_torch_cpu__fft_c2c",
           (x, [1], 0, True), lambda: aten._fft_c2c(x, [1], 0, True), 1)
    for sizes, dims, onesided in [
            ((1024,), [0], True), ((400, 400), [1], True),
            ((80, 2048), [1], True), ((16, 64, 64), [1, 2], True),
            ((4, 128, 768), [1, 2], False), ((160000,), [0], True)]:
        x = torch.randn(sizes)
        yield (f"fft r2c {list(sizes)} dim {dims}"
               + ("" if onesided else " all"), "aoti_torch_cpu__fft_r2c",
               (x, dims, 0, onesided),
               lambda x=x, d=dims, o=onesided: aten._fft_r2c(x, d, 0, o), 1)


def well(a):
    """A matrix like |a| whose triangles are well-conditioned."""
    copy = a / a.shape[-1] ** 0.5
    copy.diagonal(dim1=-2, dim2=-1).add_(3)
    return copy


def algebra(torch):
    aten = torch.ops.aten
    for sizes, columns, dtype in [
            ((1000, 3, 3), 1, torch.float32), ((64, 64), 64, torch.float32),
            ((512, 512), 128, torch.float32), ((512, 512), 1, torch.float32),
            ((256, 256), 256, torch.float64), ((64, 64), 64, torch.complex64)]:
        a = well(torch.randn(sizes, dtype=dtype))
        b = torch.randn(*sizes[:-1], columns, dtype=dtype)
        name = f"{list(sizes)} {columns} {str(dtype)[6:]}"
        yield (f"triangular_solve {name}", "aoti_torch_cpu_triangular_solve",
               (b, a, False, False, False),
               lambda a=a, b=b: aten.triangular_solve(b, a, False), 2)
        yield (f"cholesky_solve {name}", "aoti_torch_cpu_cholesky_solve",
               (b, a, False), lambda a=a, b=b: aten.cholesky_solve(b, a), 1)
    for n in (8, 64, 512):
        a = well(torch.randn(n, n))
        yield (f"cholesky_inverse {n}", "aoti_torch_cpu_cholesky_inverse",
               (a, False), lambda a=a: aten.cholesky_inverse(a), 1)
        lu, pivots = torch.linalg.lu_factor(a)
        yield (f"lu_unpack {n}", "aoti_torch_cpu_lu_unpack",
               (lu, pivots, True, True),
               lambda lu=lu, p=pivots: aten.lu_unpack(lu, p), 3)
        yield (f"geqrf {n}", "aoti_torch_cpu_geqrf", (a,),
               lambda a=a: aten.geqrf(a), 2)
        q, tau = torch.geqrf(a)
        yield (f"ormqr {n}", "aoti_torch_cpu_ormqr", (q, tau, a, True, False),
               lambda q=q, t=tau, a=a: aten.ormqr(q, t, a), 1)


def positive(a):
    """A Hermitian, positive definite matrix made of |a|."""
    square = a @ a.mH / a.shape[-1]
    square.diagonal(dim1=-2, dim2=-1).add_(1)
    return square


def factored(torch):
    """Operators by name: (name, its arguments for a matrix, results)."""
    aten = torch.ops.aten
    for sizes, dtype in [((1000, 4, 4), torch.float32),
                         ((1000, 3, 3), torch.float32),
                         ((100, 16, 16), torch.float32),
                         ((64, 64), torch.float32),
                         ((512, 512), torch.float32),
                         ((64, 64), torch.float64),
                         ((64, 64), torch.complex64),
                         ((64, 64), torch.complex128)]:
        a = well(torch.randn(sizes, dtype=dtype))
        b = torch.randn(*sizes[:-1], 1, dtype=dtype)
        spd = positive(torch.randn(sizes, dtype=dtype))
        lu, pivots = torch.linalg.lu_factor(a)
        calls = [
            ("linalg_inv_ex", (a, False), 2),
            ("_linalg_solve_ex", (a, b, True, False), 4),
            ("_linalg_det", (a,), 3), ("_linalg_slogdet", (a,), 4),
            ("linalg_lu_factor_ex", (a, True, False), 3),
            ("linalg_lu_solve", (lu, pivots, b, True, False), 1),
            ("linalg_cholesky_ex", (spd, False, False), 2),
            ("linalg_qr", (a, "reduced"), 2),
            ("_linalg_eigh", (spd, "L", True), 2),
            ("_linalg_svd", (a, False, True, None), 3)]
        for name, args, results in calls:
            if sizes[0] == 512 and name in ("_linalg_eigh", "_linalg_svd"):
                continue
            run = getattr(aten, name).default
            names = [x.name for x in run._schema.arguments if x.kwarg_only]
            rest = dict(zip(names, args[len(args) - len(names):]))
            first = args[:len(args) - len(names)]
            yield (f"{name} {list(sizes)} {str(dtype)[6:]}", "aten::" + name,
                   args, lambda r=run, f=first, k=rest: r(*f, **k), results)


def cases(torch, harness):
    """(name, symbol, arguments in C order, the same in torch as a callable,
    number of results)"""
    yield from fourier(torch)
    yield from algebra(torch)
    yield from factored(torch)
