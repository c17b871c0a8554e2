# SPDX-License-Identifier: Apache-2.0
"""Upsampling and its gradients, called by name."""
import torch

aten = torch.ops.aten


class Batch(torch.nn.Module):
    def forward(self, image, volume, row):
        sizes, large = [1, 4, 4, 5], list(image.shape[2:])
        result = [f(image, large, sizes, False) for f in
                  (aten.upsample_bilinear2d_backward.default,
                   aten._upsample_bilinear2d_aa_backward.default,
                   aten._upsample_bicubic2d_aa_backward.default,
                   aten._upsample_lanczos2d_aa_backward.default)]
        result.append(aten._upsample_lanczos2d_aa.default(image, [5, 6], False))
        result.append(aten._upsample_nearest_exact2d_backward.default(
            image, large, sizes))
        box = list(volume.shape[2:])
        for f in (aten.upsample_nearest3d_backward.default,
                  aten._upsample_nearest_exact3d_backward.default):
            result.append(f(volume, box, [1, 2, 3, 3, 4]))
        for f in (aten.upsample_nearest1d_backward.default,
                  aten._upsample_nearest_exact1d_backward.default):
            result.append(f(row, [9], [2, 3, 4]))
        result.append(aten.upsample_trilinear3d.default(volume, [9, 7, 11], True))
        result.append(aten.replication_pad3d_backward.default(
            volume, volume[:, :, 1:-1, 1:-1, 1:-1].contiguous(), [1] * 6))
        return tuple(result)


def inputs():
    return (torch.randn(1, 4, 8, 10).to(memory_format=torch.channels_last),
            torch.randn(1, 2, 6, 6, 8), torch.randn(2, 3, 9))


OPERATORS = ["aoti_torch_proxy_executor_call_function"]
BY_NAME = [
    "aten::upsample_bilinear2d_backward",
    "aten::_upsample_bilinear2d_aa_backward",
    "aten::_upsample_bicubic2d_aa_backward",
    "aten::_upsample_lanczos2d_aa_backward", "aten::_upsample_lanczos2d_aa",
    "aten::_upsample_nearest_exact2d_backward",
    "aten::upsample_nearest3d_backward",
    "aten::_upsample_nearest_exact3d_backward",
    "aten::upsample_nearest1d_backward",
    "aten::_upsample_nearest_exact1d_backward", "aten::upsample_trilinear3d",
    "aten::replication_pad3d_backward",
]
