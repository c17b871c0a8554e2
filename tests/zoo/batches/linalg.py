# SPDX-License-Identifier: Apache-2.0
"""Fourier transforms and linear algebra."""
import torch

aten = torch.ops.aten


class Batch(torch.nn.Module):
    def forward(self, signal, image, square, sides):
        spectrum = aten._fft_r2c(signal, [1], 0, True)
        half = aten._fft_r2c(image, [1, 2], 1, True)
        rows = aten._fft_c2c(half, [1], 1, False)
        image_back = aten._fft_c2r(rows, [2], 1, image.shape[2])
        back = aten._fft_c2r(spectrum, [1], 2, signal.shape[1])
        definite = square @ square.mT + 5 * torch.eye(square.shape[-1])
        factor, info = aten.linalg_cholesky_ex(definite)
        solved = aten.cholesky_solve(sides, factor)
        inverse = aten.cholesky_inverse(factor)
        triangular, copy = aten.triangular_solve(sides, factor, False)
        lu, pivots, _ = aten.linalg_lu_factor_ex(definite)
        p, l, u = aten.lu_unpack(lu, pivots)
        reflections, tau = aten.geqrf(definite)
        turned_sides = aten.ormqr(reflections, tau, sides)
        solution = torch.linalg.solve(definite, sides)
        other = torch.linalg.inv(definite)
        determinant = torch.linalg.det(square)
        sign, log = torch.linalg.slogdet(square)
        q, r = torch.linalg.qr(definite)
        right = torch.linalg.solve_triangular(factor, sides, upper=False)
        values = torch.linalg.eigvalsh(definite)
        singular = torch.linalg.svdvals(square)
        return (back, image_back, factor, info, solved, inverse, triangular,
                copy, p, l, u, reflections, tau, turned_sides, solution, other,
                determinant, sign, log, q, r, right, values, singular)


def inputs():
    return (torch.randn(6, 400), torch.randn(3, 24, 30), torch.randn(2, 5, 5),
            torch.randn(2, 5, 3))


OPERATORS = [
    "aoti_torch_cpu__fft_r2c", "aoti_torch_cpu__fft_c2c",
    "aoti_torch_cpu_cholesky_solve", "aoti_torch_cpu_cholesky_inverse",
    "aoti_torch_cpu_triangular_solve", "aoti_torch_cpu_lu_unpack",
    "aoti_torch_cpu_geqrf", "aoti_torch_cpu_ormqr",
]
