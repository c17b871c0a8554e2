# SPDX-License-Identifier: Apache-2.0
"""Operators without a C function, which the package calls by name."""
import torch

aten = torch.ops.aten


class Batch(torch.nn.Module):

    def forward(self, square, tall, sides, points, v, g):
        return (self.eigen(square) + self.ldl(square, sides)
                + self.functions(square, tall) + self.others(points, v, g)
                + self.convolution(tall, sides) + self.random(points))

    def eigen(self, square):
        values, vectors = aten.linalg_eig.default(square)
        # Vectors have any phase, values any order.
        rest = square.to(torch.complex64) @ vectors - vectors * values[..., None, :]
        return (torch.view_as_real(rest),
                torch.view_as_real(values)[..., 0].sort(-1).values,
                torch.view_as_real(aten._linalg_eigvals.default(square)).sum(-2))

    def ldl(self, square, sides):
        symmetric = square + square.mT + 4 * torch.eye(square.shape[-1])
        factors, pivots, info = aten.linalg_ldl_factor_ex.default(symmetric)
        return (factors, pivots, info,
                aten.linalg_ldl_solve.default(factors, pivots, sides))

    def functions(self, square, tall):
        definite = square @ square.mT + torch.eye(square.shape[-1])
        few = torch.tensor(0.2)
        return (aten.linalg_matrix_exp.default(square / 3),
                aten.linalg_matrix_exp.default(square / 50),
                aten.linalg_pinv.atol_rtol_tensor(tall),
                aten.linalg_pinv.atol_rtol_tensor(tall, rtol=few),
                aten.linalg_pinv.atol_rtol_tensor(definite, atol=few,
                                                  hermitian=True),
                aten.linalg_matrix_sqrth.default(definite),
                *aten.linalg_polar.default(tall))

    def others(self, points, v, g):
        norms = v.flatten(1).norm(dim=1).view(-1, 1, 1)
        image = (points.reshape(1, 1, 20, 6) * 40 + 128).clamp(0, 255)
        byte = image.to(torch.uint8)
        return (*aten._histogramdd_bin_edges.default(points, [3, 5]),
                *aten._weight_norm_interface_backward.default(v * v, v, g, norms,
                                                              0),
                aten._upsample_bilinear2d_aa.default(byte, [7, 9], False),
                aten._upsample_bicubic2d_aa.default(byte, [30, 4], False))

    def convolution(self, tall, sides):
        image, weight = tall[None], sides.reshape(2, 3, 5, 1)
        result = aten._slow_conv2d_forward.default(image, weight, [5, 1], None,
                                                   [2, 1], [2, 1])
        return (result, aten.linalg__powsum.default(tall),
                aten.linalg__powsum.default(tall, 1.5, [2, 0], True),
                *aten._slow_conv2d_backward.output_mask(
                    result, image, weight, [5, 1], [2, 1], [2, 1], [True] * 3))

    def random(self, points):
        return (aten.normal.Tensor_float(points, 2.0),
                aten.normal.float_Tensor(1.0, points.abs()),
                aten.normal.Tensor_Tensor(points, points.abs()),
                aten.normal.float_float(1.0, 0.5, [3, 4]))


def inputs():
    return (torch.randn(2, 5, 5), torch.randn(3, 6, 4), torch.randn(2, 5, 3),
            torch.randn(60, 2), torch.randn(4, 3, 5), torch.rand(4, 1, 1) + 0.5)


# Otherwise normal numbers are made of standard ones.
OPTIONS = {"fallback_random": True}
OPERATORS = ["aoti_torch_proxy_executor_call_function"]
BY_NAME = [
    "aten::linalg_eig", "aten::_linalg_eigvals", "aten::linalg_ldl_factor_ex",
    "aten::linalg_ldl_solve", "aten::linalg_matrix_exp",
    "aten::linalg_pinv.atol_rtol_tensor", "aten::linalg_matrix_sqrth",
    "aten::linalg_polar", "aten::_histogramdd_bin_edges",
    "aten::_weight_norm_interface_backward", "aten::_upsample_bilinear2d_aa",
    "aten::_upsample_bicubic2d_aa", "aten::normal.Tensor_float",
    "aten::normal.float_Tensor", "aten::normal.Tensor_Tensor",
    "aten::normal.float_float", "aten::_slow_conv2d_forward",
    "aten::_slow_conv2d_backward.output_mask", "aten::linalg__powsum",
]
