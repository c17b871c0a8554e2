# SPDX-License-Identifier: Apache-2.0
"""Padding, unpooling, sampling at a grid and gradients of resizing."""


def paddings(torch):
    aten = torch.ops.aten
    image = torch.randn(1, 64, 56, 56)
    last = image.contiguous(memory_format=torch.channels_last)
    volume = torch.randn(1, 16, 16, 32, 32)
    for name, x in (("", image), (" channels last", last)):
        for mode in ("constant", "reflect", "replicate", "circular"):
            yield (f"pad {mode} 64x56x56{name}", "aoti_torch_cpu_pad",
                   (x, [1, 1, 1, 1], mode, None),
                   lambda x=x, mode=mode: aten.pad(x, [1] * 4, mode), 1)
    yield ("pad constant 16x16x32x32", "aoti_torch_cpu_pad",
           (volume, [1] * 6, "constant", None),
           lambda: aten.pad(volume, [1] * 6, "constant"), 1)
    series = torch.randn(8, 64, 1000)
    yield ("pad reflect 8x64x1000", "aoti_torch_cpu_pad",
           (series, [3, 3], "reflect", None),
           lambda: aten.pad(series, [3, 3], "reflect"), 1)
    tokens = torch.randint(0, 1000, (8, 500))
    yield ("pad constant 8x500 int64", "aoti_torch_cpu_pad",
           (tokens, [0, 12], "constant", 1.0),
           lambda: aten.pad(tokens, [0, 12], "constant", 1.0), 1)
    grad = torch.randn(1, 64, 58, 58)
    yield ("replication_pad2d_backward",
           "aoti_torch_cpu_replication_pad2d_backward",
           (grad, image, [1] * 4),
           lambda: aten.replication_pad2d_backward(grad, image, [1] * 4), 1)
    grad_last = grad.contiguous(memory_format=torch.channels_last)
    yield ("replication_pad2d_backward channels last",
           "aoti_torch_cpu_replication_pad2d_backward",
           (grad_last, last, [1] * 4),
           lambda: aten.replication_pad2d_backward(grad_last, last, [1] * 4),
           1)
    grad_series = torch.randn(8, 64, 1006)
    yield ("replication_pad1d_backward",
           "aoti_torch_cpu_replication_pad1d_backward",
           (grad_series, series, [3, 3]),
           lambda: aten.replication_pad1d_backward(grad_series, series,
                                                   [3, 3]), 1)


def poolings(torch):
    aten = torch.ops.aten
    image, volume = torch.randn(2, 64, 56, 56), torch.randn(2, 16, 16, 32, 32)
    small, at = torch.nn.functional.max_pool2d(image, 2, return_indices=True)
    last = torch.channels_last
    for name, x, i in (("", small, at),
                       (" channels last", small.contiguous(memory_format=last),
                        at.contiguous(memory_format=last))):
        yield (f"max_unpool2d 2x64x28x28{name}", "aoti_torch_cpu_max_unpool2d",
               (x, i, [56, 56]),
               lambda x=x, i=i: aten.max_unpool2d(x, i, [56, 56]), 1)
    deep, where = torch.nn.functional.max_pool3d(volume, 2,
                                                 return_indices=True)
    size = [16, 32, 32]
    yield ("max_unpool3d 2x16x8x16x16", "aoti_torch_cpu_max_unpool3d",
           (deep, where, size, [2] * 3, [0] * 3),
           lambda: aten.max_unpool3d(deep, where, size, [2] * 3, [0] * 3), 1)
    samples, more = torch.rand(2, 64, 2), torch.rand(2, 16, 3)
    out, cube = [38, 38], [10, 20, 20]
    yield ("fractional_max_pool2d", "aoti_torch_cpu_fractional_max_pool2d",
           (image, [2, 2], out, samples),
           lambda: aten.fractional_max_pool2d(image, [2, 2], out, samples), 2)
    yield ("fractional_max_pool3d", "aoti_torch_cpu_fractional_max_pool3d",
           (volume, [2] * 3, cube, more),
           lambda: aten.fractional_max_pool3d(volume, [2] * 3, cube, more), 2)
    y, i = aten.fractional_max_pool2d(image, [2, 2], out, samples)
    yield ("fractional_max_pool2d_backward",
           "aoti_torch_cpu_fractional_max_pool2d_backward",
           (y, image, [2, 2], out, i),
           lambda: aten.fractional_max_pool2d_backward(y, image, [2, 2], out,
                                                       i), 1)
    z, j = aten.fractional_max_pool3d(volume, [2] * 3, cube, more)
    yield ("fractional_max_pool3d_backward",
           "aoti_torch_cpu_fractional_max_pool3d_backward",
           (z, volume, [2] * 3, cube, j),
           lambda: aten.fractional_max_pool3d_backward(z, volume, [2] * 3, cube,
                                                       j), 1)


def resizings(torch):
    aten = torch.ops.aten
    line = torch.randn(4, 64, 1000)
    yield ("upsample_linear1d_backward",
           "aoti_torch_cpu_upsample_linear1d_backward",
           (line, [1000], [4, 64, 500], False, None),
           lambda: aten.upsample_linear1d_backward(line, [1000], [4, 64, 500],
                                                   False, None), 1)
    image = torch.randn(1, 32, 112, 112)
    sizes = [112, 112], [1, 32, 56, 56]
    yield ("upsample_bicubic2d_backward x2",
           "aoti_torch_cpu_upsample_bicubic2d_backward",
           (image, *sizes, False, None, None),
           lambda: aten.upsample_bicubic2d_backward(image, *sizes, False, None,
                                                    None), 1)
    volume = torch.randn(1, 16, 16, 48, 48)
    for name, x in (("", volume), (" channels last", volume.contiguous(
            memory_format=torch.channels_last_3d))):
        shape = [16, 48, 48], [1, 16, 8, 24, 24]
        yield (f"upsample_trilinear3d_backward x2{name}",
               "aoti_torch_cpu_upsample_trilinear3d_backward",
               (x, *shape, False, None, None, None),
               lambda x=x, shape=shape: aten.upsample_trilinear3d_backward(
                   x, *shape, False, None, None, None), 1)


def samplings(torch):
    aten = torch.ops.aten
    volume = torch.randn(1, 8, 24, 32, 32)
    grid = torch.rand(1, 24, 32, 32, 3) * 2 - 1
    grad = torch.randn(1, 8, 24, 32, 32)
    image, flow = torch.randn(2, 16, 64, 64), torch.rand(2, 64, 64, 2) * 2 - 1
    slope = torch.randn(2, 16, 64, 64)
    colours, change = torch.randn(2, 3, 64, 64), torch.randn(2, 3, 64, 64)
    both = [True, True]
    for mode, name in enumerate(("linear", "nearest", "cubic")):
        yield (f"grid_sampler_3d {name}", "aoti_torch_cpu_grid_sampler_3d",
               (volume, grid, mode, 0, False),
               lambda mode=mode: aten.grid_sampler_3d(volume, grid, mode, 0,
                                                      False), 1)
        yield (f"grid_sampler_3d_backward {name}",
               "aoti_torch_cpu_grid_sampler_3d_backward",
               (grad, volume, grid, mode, 0, False, both),
               lambda mode=mode: aten.grid_sampler_3d_backward(
                   grad, volume, grid, mode, 0, False, both), 2)
        for what, x, g in (("16", image, slope), ("3", colours, change)):
            for padding in (0, 1):
                yield (f"grid_sampler_2d_backward {name} C {what} p {padding}",
                       "aoti_torch_cpu_grid_sampler_2d_backward",
                       (g, x, flow, mode, padding, False, both),
                       lambda x=x, g=g, mode=mode, padding=padding:
                       aten.grid_sampler_2d_backward(g, x, flow, mode, padding,
                                                     False, both), 2)


def cases(torch, harness):
    """(name, symbol, arguments in C order, the same in torch as a callable,
    number of results)"""
    for group in (paddings, poolings, resizings, samplings):
        yield from group(torch)
