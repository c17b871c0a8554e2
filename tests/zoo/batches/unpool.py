# SPDX-License-Identifier: Apache-2.0
"""Padding, unpooling, sampling at a grid, and gradients of resizing."""
import torch

aten = torch.ops.aten


class Batch(torch.nn.Module):
    """|at| are places in 8 x 10 images, |at3| in 4 x 6 x 8 volumes."""

    def forward(self, image, volume, series, at, at3, grid, grid3, samples,
                samples3):
        small = image[:, :, :4, :5].contiguous()
        cube = volume[:, :, :2, :3, :4].contiguous()
        results = [
            aten.max_unpool2d(small, at, [8, 10]),
            aten.max_unpool3d(cube, at3, [4, 6, 8], [2, 2, 2], [0, 0, 0]),
            aten.upsample_linear1d_backward(series, [12], [2, 3, 6], False,
                                            None),
            aten.upsample_bicubic2d_backward(image, [8, 10], [2, 3, 4, 5],
                                             False, None, None),
            aten.upsample_trilinear3d_backward(volume, [4, 6, 8],
                                               [2, 3, 2, 3, 4], True, None,
                                               None, None),
            aten.replication_pad1d_backward(series, series[:, :, :9], [1, 2]),
            aten.replication_pad2d_backward(image, image[:, :, 1:, 2:],
                                            [1, 1, 0, 1]),
        ]
        for mode in (0, 1, 2):
            results += aten.grid_sampler_2d_backward(
                image, image, grid, mode, 1, False, [True, True])
        for mode in (0, 1):
            results.append(aten.grid_sampler_3d(volume, grid3, mode, 0, True))
            results += aten.grid_sampler_3d_backward(
                volume, volume, grid3, mode, 0, True, [True, True])
        kernel, kernel3 = [6, 6], [3, 3, 3]
        best, where = aten.fractional_max_pool2d(image, kernel, [2, 3], samples)
        best3, where3 = aten.fractional_max_pool3d(volume, kernel3, [1, 3, 5],
                                                   samples3)
        results += [best, where, best3, where3]
        results.append(aten.fractional_max_pool2d_backward(
            best, image, kernel, [2, 3], where))
        results.append(aten.fractional_max_pool3d_backward(
            best3, volume, kernel3, [1, 3, 5], where3))
        for mode in ("constant", "reflect", "replicate", "circular"):
            results.append(aten.pad(image, [1, 2, 2, 1], mode, None))
        return tuple(results)


def inputs():
    at = torch.stack([torch.randperm(80)[:20] for _ in range(6)])
    at3 = torch.stack([torch.randperm(192)[:24] for _ in range(6)])
    return (torch.randn(2, 3, 8, 10), torch.randn(2, 3, 4, 6, 8),
            torch.randn(2, 3, 12), at.reshape(2, 3, 4, 5),
            at3.reshape(2, 3, 2, 3, 4), torch.rand(2, 8, 10, 2) * 3 - 1.5,
            torch.rand(2, 4, 6, 8, 3) * 3 - 1.5, torch.rand(2, 3, 2),
            torch.rand(2, 3, 3))


# pad, max unpooling and fractional max pooling itself are compiled; they are
# here to be compared all the same.
OPERATORS = [
    "aoti_torch_cpu_fractional_max_pool2d_backward",
    "aoti_torch_cpu_fractional_max_pool3d_backward",
    "aoti_torch_cpu_grid_sampler_2d_backward",
    "aoti_torch_cpu_grid_sampler_3d",
    "aoti_torch_cpu_grid_sampler_3d_backward",
    "aoti_torch_cpu_replication_pad1d_backward",
    "aoti_torch_cpu_replication_pad2d_backward",
    "aoti_torch_cpu_upsample_bicubic2d_backward",
    "aoti_torch_cpu_upsample_linear1d_backward",
    "aoti_torch_cpu_upsample_trilinear3d_backward",
]
