# SPDX-License-Identifier: Apache-2.0
"""Poolings and their backward operators at the sizes of usual models."""


def forward(torch):
    aten = torch.ops.aten
    for name, sizes, k, s, p in [
            ("8x64x56x56", (8, 64, 56, 56), 3, 2, 1),
            ("1x64x112x112", (1, 64, 112, 112), 2, 2, 0)]:
        for layout in (torch.contiguous_format, torch.channels_last):
            x = torch.randn(sizes).to(memory_format=layout)
            last = " nhwc" if layout == torch.channels_last else ""
            k2, s2, p2, one = [k] * 2, [s] * 2, [p] * 2, [1] * 2
            yield (f"avg_pool2d {name} k{k}{last}",
                   "aoti_torch_cpu_avg_pool2d",
                   (x, k2, s2, p2, False, True, None),
                   lambda x=x, k2=k2, s2=s2, p2=p2:
                   aten.avg_pool2d(x, k2, s2, p2), 1)
            yield (f"max_pool2d {name} k{k}{last}",
                   "aoti_torch_cpu_max_pool2d_with_indices",
                   (x, k2, s2, p2, one, False),
                   lambda x=x, k2=k2, s2=s2, p2=p2:
                   aten.max_pool2d_with_indices(x, k2, s2, p2), 2)
    for layout in (torch.contiguous_format, torch.channels_last_3d):
        last = " ndhwc" if layout == torch.channels_last_3d else ""
        x = torch.randn(2, 32, 8, 28, 28).to(memory_format=layout)
        for k, s, p in [(2, 2, 0), (3, 2, 1)]:
            k3, s3, p3, one = [k] * 3, [s] * 3, [p] * 3, [1] * 3
            yield (f"avg_pool3d 2x32x8x28x28 k{k}{last}",
                   "aoti_torch_cpu_avg_pool3d",
                   (x, k3, s3, p3, False, True, None),
                   lambda x=x, k3=k3, s3=s3, p3=p3:
                   aten.avg_pool3d(x, k3, s3, p3), 1)
            yield (f"max_pool3d 2x32x8x28x28 k{k}{last}",
                   "aoti_torch_cpu_max_pool3d_with_indices",
                   (x, k3, s3, p3, one, False),
                   lambda x=x, k3=k3, s3=s3, p3=p3:
                   aten.max_pool3d_with_indices(x, k3, s3, p3), 2)
        x = torch.randn(2, 256, 4, 14, 14).to(memory_format=layout)
        for size in ([1, 1, 1], [2, 7, 7], [3, 5, 5]):
            name = f"2x256x4x14x14 {size}{last}"
            yield (f"adaptive_avg_pool3d {name}",
                   "aoti_torch_cpu__adaptive_avg_pool3d", (x, size),
                   lambda x=x, size=size:
                   aten._adaptive_avg_pool3d(x, size), 1)
            yield (f"adaptive_max_pool3d {name}",
                   "aoti_torch_cpu_adaptive_max_pool3d", (x, size),
                   lambda x=x, size=size:
                   aten.adaptive_max_pool3d(x, size), 2)
    for layout in (torch.contiguous_format, torch.channels_last):
        last = " nhwc" if layout == torch.channels_last else ""
        x = torch.randn(8, 256, 14, 14).to(memory_format=layout)
        for size in ([1, 1], [7, 7], [5, 6]):
            yield (f"adaptive_max_pool2d 8x256x14x14 {size}{last}",
                   "aoti_torch_cpu_adaptive_max_pool2d", (x, size),
                   lambda x=x, size=size:
                   aten.adaptive_max_pool2d(x, size), 2)


def backward(torch, spatial, layout, last):
    aten = torch.ops.aten
    sizes = (8, 64, 56, 56) if spatial == 2 else (2, 32, 8, 28, 28)
    name = "x".join(map(str, sizes))
    x = torch.randn(sizes).to(memory_format=layout)
    maximum = getattr(aten, f"max_pool{spatial}d_with_indices")
    for k, s, p in [(2, 2, 0), (3, 2, 1), (3, 1, 1)]:
        kernel, stride, padding = [[v] * spatial for v in (k, s, p)]
        rest = (kernel, stride, padding, [1] * spatial, False)
        values, indices = maximum(x, *rest)
        gradient = torch.randn_like(values)
        back = getattr(aten, f"max_pool{spatial}d_with_indices_backward")
        yield (f"max_pool{spatial}d backward {name} k{k} s{s}{last}",
               f"aoti_torch_cpu_max_pool{spatial}d_with_indices_backward",
               (gradient, x, *rest, indices),
               lambda f=back, a=(gradient, x, *rest, indices): f(*a), 1)
        rest = (kernel, stride, padding, False, True, None)
        back = getattr(aten, f"avg_pool{spatial}d_backward")
        yield (f"avg_pool{spatial}d backward {name} k{k} s{s}{last}",
               f"aoti_torch_cpu_avg_pool{spatial}d_backward",
               (gradient, x, *rest),
               lambda f=back, a=(gradient, x, *rest): f(*a), 1)
    sizes = (8, 256, 14, 14) if spatial == 2 else (2, 256, 4, 14, 14)
    name = "x".join(map(str, sizes))
    x = torch.randn(sizes).to(memory_format=layout)
    maximum = getattr(aten, f"adaptive_max_pool{spatial}d")
    for size in ([1] * spatial, [2, 7, 7][-spatial:]):
        values, indices = maximum(x, size)
        gradient = torch.randn_like(values)
        for kind, args in [("_adaptive_avg_pool", (gradient, x)),
                           ("adaptive_max_pool", (gradient, x, indices))]:
            operator = f"{kind}{spatial}d_backward"
            yield (f"{operator} {name} {size}{last}",
                   f"aoti_torch_cpu_{operator}", args,
                   lambda f=getattr(aten, operator), a=args: f(*a), 1)


def cases(torch, harness):
    """(name, symbol, arguments in C order, the same in torch as a callable,
    number of results)"""
    yield from forward(torch)
    yield from backward(torch, 2, torch.contiguous_format, "")
    yield from backward(torch, 2, torch.channels_last, " nhwc")
    yield from backward(torch, 3, torch.contiguous_format, "")
    yield from backward(torch, 3, torch.channels_last_3d, " ndhwc")
