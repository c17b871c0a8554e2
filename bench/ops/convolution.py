# SPDX-License-Identifier: Apache-2.0
"""Layers of image models, channels-last, batch 1."""

# name, input channels, output channels, size, kernel, stride, padding, groups
LAYERS = [
    ("7x7/2 3-64 @224", 3, 64, 224, 7, 2, 3, 1),
    ("1x1 64-64 @56", 64, 64, 56, 1, 1, 0, 1),
    ("3x3 64-64 @56", 64, 64, 56, 3, 1, 1, 1),
    ("1x1 64-256 @56", 64, 256, 56, 1, 1, 0, 1),
    ("1x1 256-64 @56", 256, 64, 56, 1, 1, 0, 1),
    ("3x3/2 128-128 @56", 128, 128, 56, 3, 2, 1, 1),
    ("1x1/2 256-512 @56", 256, 512, 56, 1, 2, 0, 1),
    ("1x1 512-128 @28", 512, 128, 28, 1, 1, 0, 1),
    ("3x3 128-128 @28", 128, 128, 28, 3, 1, 1, 1),
    ("1x1 128-512 @28", 128, 512, 28, 1, 1, 0, 1),
    ("3x3/2 256-256 @28", 256, 256, 28, 3, 2, 1, 1),
    ("3x3 256-256 @14", 256, 256, 14, 3, 1, 1, 1),
    ("1x1 1024-256 @14", 1024, 256, 14, 1, 1, 0, 1),
    ("1x1 256-1024 @14", 256, 1024, 14, 1, 1, 0, 1),
    ("3x3/2 512-512 @14", 512, 512, 14, 3, 2, 1, 1),
    ("3x3 512-512 @7", 512, 512, 7, 3, 1, 1, 1),
    ("1x1 2048-512 @7", 2048, 512, 7, 1, 1, 0, 1),
    ("1x1 512-2048 @7", 512, 2048, 7, 1, 1, 0, 1),
    ("depthwise 3x3 32 @112", 32, 32, 112, 3, 1, 1, 32),
    ("depthwise 3x3/2 64 @112", 64, 64, 112, 3, 2, 1, 64),
    ("depthwise 5x5 120 @28", 120, 120, 28, 5, 1, 2, 120),
    ("depthwise 3x3 512 @14", 512, 512, 14, 3, 1, 1, 512),
    ("depthwise 5x5 960 @7", 960, 960, 7, 5, 1, 2, 960),
    ("3x3 128-128 in 32 groups @28", 128, 128, 28, 3, 1, 1, 32),
    ("3x3 1-24 @8", 1, 24, 8, 3, 1, 1, 1),
    ("3x3 24-48 @4", 24, 48, 4, 3, 1, 1, 1),
]


def cases(torch, harness):
    for name, ci, co, size, k, stride, padding, groups in LAYERS:
        x = torch.randn(1, ci, size, size).to(memory_format=torch.channels_last)
        w = (torch.randn(co, ci // groups, k, k) * 0.05).to(
            memory_format=torch.channels_last)
        values = (x, w, torch.randn(co), [stride] * 2, [padding] * 2, [1, 1],
                  False, [0, 0], groups)
        yield (f"convolution {name}", "aoti_torch_cpu_convolution", values,
               lambda v=values: torch.ops.aten.convolution(*v), 1)
