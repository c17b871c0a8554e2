# SPDX-License-Identifier: Apache-2.0
"""Layers of image models, channels-last, batch 1; depthwise ones in both layouts,
with their gradients."""

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


# First layers as they are exported: dense images, NCHW.
FIRST_LAYERS = [
    ("3x3/2 3-32 @224", 3, 32, 224, 3, 2, 1),
    ("7x7/2 3-64 @224", 3, 64, 224, 7, 2, 3),
    ("16x16/16 3-96 @224", 3, 96, 224, 16, 16, 0),
]


def first_layers(torch):
    for name, ci, co, size, k, stride, padding in FIRST_LAYERS:
        values = (torch.randn(1, ci, size, size),
                  torch.randn(co, ci, k, k) * 0.05, torch.randn(co), [stride] * 2,
                  [padding] * 2, [1, 1], False, [0, 0], 1)
        yield (f"convolution {name} nchw", "aoti_torch_cpu_convolution", values,
               lambda v=values: torch.ops.aten.convolution(*v), 1)


def depthwise(torch):
    aten = torch.ops.aten
    for n, c, size, stride in ((1, 32, 112, 1), (1, 96, 56, 1), (1, 96, 56, 2),
                               (8, 96, 56, 1), (8, 96, 56, 2), (1, 384, 14, 1)):
        for form, text in ((torch.contiguous_format, "nchw"),
                           (torch.channels_last, "nhwc")):
            x = torch.randn(n, c, size, size).contiguous(memory_format=form)
            w = torch.randn(c, 1, 3, 3).contiguous(memory_format=form)
            rest = ([stride] * 2, [1, 1], [1, 1], False, [0, 0], c)
            name = f"depthwise k3 s{stride} {n}x{c}x{size} {text}"
            values = (x, w, torch.randn(c), *rest)
            yield (f"convolution {name}", "aoti_torch_cpu_convolution", values,
                   lambda v=values: aten.convolution(*v), 1)
            g = torch.randn_like(aten.convolution(*values))
            values = (g, x, w, [c], *rest, [True] * 3)
            yield (f"convolution_backward {name}",
                   "aoti_torch_cpu_convolution_backward", values,
                   lambda v=values: aten.convolution_backward(*v), 3)


def cases(torch, harness):
    yield from first_layers(torch)
    yield from depthwise(torch)
    for name, ci, co, size, k, stride, padding, groups in LAYERS:
        x = torch.randn(1, ci, size, size).to(memory_format=torch.channels_last)
        w = (torch.randn(co, ci // groups, k, k) * 0.05).to(
            memory_format=torch.channels_last)
        values = (x, w, torch.randn(co), [stride] * 2, [padding] * 2, [1, 1],
                  False, [0, 0], groups)
        yield (f"convolution {name}", "aoti_torch_cpu_convolution", values,
               lambda v=values: torch.ops.aten.convolution(*v), 1)
