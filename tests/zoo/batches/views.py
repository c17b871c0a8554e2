# SPDX-License-Identifier: Apache-2.0
"""Element-wise operators, views and factories that stay calls of the C shim."""
import torch

aten = torch.ops.aten


class Batch(torch.nn.Module):
    def forward(self, x, y, whole, more, z, pairs):
        points = aten.polar.default(x.abs(), y)
        return (
            points,
            aten.view_as_real.default(z * points),
            aten.view_as_complex.default(pairs),
            aten.abs.default(z),
            aten.add.Tensor(z, points),
            aten.add.Tensor(z, points, alpha=-0.5),
            aten.add.Tensor(z, x),
            aten.add.Tensor(z.permute(1, 0), points.permute(1, 0)),
            aten.mul.Tensor(z, points[:, :1]),
            aten.mul.Tensor(x, z),
            aten.mul.Scalar(z, 2.5),
            aten.add.Scalar(z, 1.5),
            aten.gcd.default(whole, more),
            aten.pow.Tensor_Tensor(whole, more.abs()),
            aten.pow.Tensor_Tensor(z, points),
            aten.pow.Tensor_Scalar(z, 2.0),
            aten.pow.Scalar(2.0, z),
            aten.cat.default([z, points], 1),
            aten.permute.default(z, [1, 0]) * 2,
            aten.narrow.default(z, 1, 1, 3) + 1,
            aten.slice.Tensor(z, 1, 0, 5, 2) + 1,
            aten.reshape.default(z, [-1]) + 1,
            aten.squeeze.dim(aten.reshape.default(z, [6, 1, 8]), 1) + 1,
            aten.view.dtype(x, torch.int32) + 1,
        )


def inputs():
    return (torch.randn(6, 8), torch.randn(6, 8),
            torch.randint(-20, 20, (6, 8)), torch.randint(-20, 20, (6, 8)),
            torch.randn(6, 8, dtype=torch.complex64), torch.randn(5, 2))


OPERATORS = [f"aoti_torch_cpu_{name}" for name in (
    "abs", "add_Scalar", "add_Tensor", "cat", "gcd", "mul_Scalar",
    "mul_Tensor", "permute", "polar", "pow_Scalar", "pow_Tensor_Scalar",
    "pow_Tensor_Tensor", "reshape", "slice_Tensor", "squeeze_dim",
    "view_as_complex", "view_as_real", "view_dtype")]
