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


def cases(torch, harness):
    """(name, symbol, arguments in C order, the same in torch as a callable,
    number of results)"""
    yield from fourier(torch)
    yield from algebra(torch)
