# SPDX-License-Identifier: Apache-2.0
"""Poolings and their backward operators as a compiled model calls them.

The compiler replaces adaptive_max_pool2d and 3d, max_pool2d's backward and
_adaptive_avg_pool2d's by other operators, and computes the gradients of
avg_pool2d and 3d itself, for minutes where windows are large: they are never
imported.
"""
import torch

aten = torch.ops.aten


class Batch(torch.nn.Module):
    """Images and volumes in both layouts. Windows are larger than those that
    the compiler computes itself."""

    def volumes(self, x, gradient, places):
        k, s, p, one = [6, 7, 8], [2, 3, 2], [2, 3, 1], [1, 1, 1]
        averages = aten.avg_pool3d(x, k, s, p, False, False)
        maxima, indices = aten.max_pool3d_with_indices(x, k, s, p, one)
        return (averages, maxima, indices,
                aten._adaptive_avg_pool3d(x, [3, 2, 4]),
                aten.max_pool3d_with_indices_backward(
                    maxima, x, k, s, p, one, False, indices),
                aten.adaptive_max_pool3d_backward(gradient, x, places),
                aten._adaptive_avg_pool3d_backward(gradient, x))

    def images(self, x, gradient, places):
        k, s, p, one = [9, 8], [3, 2], [2, 3], [1, 1]
        averages = aten.avg_pool2d(x, k, s, p, True)
        return (averages, *aten.max_pool2d_with_indices(x, k, s, p, one),
                aten._adaptive_avg_pool2d(x, [2, 3]),
                aten.adaptive_max_pool2d_backward(gradient, x, places))

    def forward(self, volume, last_volume, volume_gradient, volume_places,
                image, last_image, image_gradient, image_places):
        return (*self.volumes(volume, volume_gradient, volume_places),
                *self.volumes(last_volume, volume_gradient, volume_places),
                *self.images(image, image_gradient, image_places),
                *self.images(last_image, image_gradient, image_places))


def inputs():
    volume, image = torch.randn(2, 3, 11, 23, 25), torch.randn(2, 5, 31, 29)
    return (volume, volume.to(memory_format=torch.channels_last_3d),
            torch.randn(2, 3, 2, 3, 3), torch.randint(6325, (2, 3, 2, 3, 3)),
            image, image.to(memory_format=torch.channels_last),
            torch.randn(2, 5, 3, 2), torch.randint(899, (2, 5, 3, 2)))


OPERATORS = ["aoti_torch_cpu_" + name for name in [
    "avg_pool3d", "max_pool3d_with_indices_backward",
    "adaptive_max_pool3d_backward", "_adaptive_avg_pool3d",
    "_adaptive_avg_pool3d_backward", "avg_pool2d", "_adaptive_avg_pool2d",
    "adaptive_max_pool2d_backward"]]
