# SPDX-License-Identifier: Apache-2.0
"""Element-wise operators, concatenation, views and factories."""


def cases(torch, harness):
    """(name, symbol, arguments in C order, the same in torch as a callable, number of results)"""
    aten = torch.ops.aten
    none = harness.NO_DEVICE

    def binary(name, x, y):
        return (f"{name} {list(x.shape)} {list(y.shape)} {str(x.dtype)[6:]}",
                f"aoti_torch_cpu_{name}_Tensor")

    for dtype in (torch.float32, torch.bfloat16, torch.float16, torch.int64,
                  torch.complex64):
        for sizes in [(64, 64), (512, 1024)]:
            x, y = [(8 * torch.randn(sizes, dtype=torch.complex64
                                     if dtype.is_complex else None)).to(dtype)
                    for _ in range(2)]
            if dtype != torch.int64:
                yield (*binary("add", x, y), (x, y, 1.0),
                       lambda x=x, y=y: torch.add(x, y), 1)
            yield (*binary("mul", x, y), (x, y),
                   lambda x=x, y=y: torch.mul(x, y), 1)
            yield (f"mul by number {list(sizes)} {str(dtype)[6:]}",
                   "aoti_torch_cpu_mul_Scalar", (x, 2.5),
                   lambda x=x: aten.mul.Scalar(x, 2.5), 1)
            yield (f"abs {list(sizes)} {str(dtype)[6:]}", "aoti_torch_cpu_abs",
                   (x,), lambda x=x: torch.abs(x), 1)
    image = torch.randn(8, 64, 28, 28)
    last = image.to(memory_format=torch.channels_last)
    for x, what in [(image, ""), (last, " channels last")]:
        for y in (torch.randn(64, 1, 1), torch.randn(8, 64, 1, 1)):
            name, symbol = binary("mul", x, y)
            yield (name + what, symbol, (x, y),
                   lambda x=x, y=y: torch.mul(x, y), 1)
    rows, bias = torch.randn(4096, 32), torch.randn(32)
    yield (*binary("mul", rows, bias), (rows, bias),
           lambda: torch.mul(rows, bias), 1)
    x, y = torch.randn(512, 512).t(), torch.randn(512, 512)
    yield ("add transposed [512, 512]", "aoti_torch_cpu_add_Tensor",
           (x, y, 1.0), lambda: torch.add(x, y), 1)
    whole = torch.randint(0, 9, (512, 512))
    yield ("mul int64 by float32 [512, 512]", "aoti_torch_cpu_mul_Tensor",
           (whole, y), lambda: torch.mul(whole, y), 1)
    for dtype, other in [(torch.int32, y), (torch.uint8, y),
                         (torch.uint8, y.bfloat16())]:
        narrow = whole.to(dtype)
        yield (f"mul {str(dtype)[6:]} by {str(other.dtype)[6:]} [512, 512]",
               "aoti_torch_cpu_mul_Tensor", (narrow, other),
               lambda x=narrow, y=other: torch.mul(x, y), 1)
    base = torch.rand(256, 1024) + 0.5
    for exponent in (2.0, 3.0, 0.5, -1.0, 2.3):
        yield (f"pow {exponent} [256, 1024]", "aoti_torch_cpu_pow_Tensor_Scalar",
               (base, exponent),
               lambda e=exponent: torch.pow(base, e), 1)
    yield ("pow of tensors [256, 1024]", "aoti_torch_cpu_pow_Tensor_Tensor",
           (base, base), lambda: torch.pow(base, base), 1)
    yield ("pow of number [256, 1024]", "aoti_torch_cpu_pow_Scalar",
           (2.0, base), lambda: torch.pow(2.0, base), 1)
    yield ("pow int64 [512, 512]", "aoti_torch_cpu_pow_Tensor_Tensor",
           (whole, whole), lambda: torch.pow(whole, whole), 1)
    for dim, sizes in [(0, (64, 256)), (1, (64, 256)), (1, (4096, 3)),
                       (1, (8, 64, 28, 28)), (-1, (1, 32, 128, 64))]:
        for dtype in (torch.float32, torch.bfloat16, torch.int64):
            parts = [torch.randn(sizes).to(dtype) for _ in range(3)]
            yield (f"cat 3 x {list(sizes)} dim {dim} {str(dtype)[6:]}",
                   "aoti_torch_cpu_cat", (parts, dim),
                   lambda p=parts, d=dim: torch.cat(p, d), 1)
    parts = [last, last]
    yield ("cat channels last dim 1", "aoti_torch_cpu_cat", (parts, 1),
           lambda: torch.cat(parts, 1), 1)
    target = torch.empty(512, 1024)
    yield ("fill_ [512, 1024]", "aoti_torch_cpu_fill__Scalar", (target, 2.0),
           lambda: target.fill_(2.0), 0)
    yield ("full [64, 64]", "aoti_torch_aten_full",
           ([64, 64], 2.0, None, None, none, None),
           lambda: torch.full((64, 64), 2.0), 1)
    yield ("new_zeros [512, 1024]", "aoti_torch_aten_new_zeros",
           (target, [512, 1024], None, None, none, None),
           lambda: target.new_zeros((512, 1024)), 1)
    yield ("reshape a view", "aoti_torch_cpu_reshape", (image, [8, 64, -1]),
           lambda: torch.reshape(image, (8, 64, -1)), 1)
    yield ("reshape transposed [512, 512]", "aoti_torch_cpu_reshape",
           (x, [-1]), lambda: torch.reshape(x, (-1,)), 1)
    yield ("permute", "aoti_torch_cpu_permute", (image, [0, 2, 3, 1]),
           lambda: torch.permute(image, (0, 2, 3, 1)), 1)
    for dims in ([0], [1], []):
        for dtype in (torch.float32, torch.int64):
            z = (100 * torch.randn(1000, 512)).to(dtype)
            yield (f"amax {dims} [1000, 512] {str(dtype)[6:]}",
                   "aoti_torch_aten_amax", (z, dims, False),
                   lambda z=z, d=dims: aten.amax(z, d, False), 1)
    z = torch.randn(256, 256, dtype=torch.complex64)
    real = torch.randn(256, 256)
    yield ("angle complex64 [256, 256]", "aoti_torch_cpu_angle", (z,),
           lambda: torch.angle(z), 1)
    yield ("angle float32 [256, 256]", "aoti_torch_cpu_angle", (real,),
           lambda: torch.angle(real), 1)
    yield ("polar [256, 256]", "aoti_torch_cpu_polar", (real, real),
           lambda: torch.polar(real, real), 1)
    more = torch.randint(1, 1000, (256, 256))
    yield ("gcd int64 [256, 256]", "aoti_torch_cpu_gcd", (more, more.t()),
           lambda: torch.gcd(more, more.t()), 1)
    yield ("hann_window 1024", "aoti_torch_cpu_hann_window",
           (1024, None, None, none, None), lambda: torch.hann_window(1024), 1)
    one = torch.tensor(1.0)
    yield ("soft_margin_loss_backward [256, 256]",
           "aoti_torch_cpu_soft_margin_loss_backward", (one, real, real, 1),
           lambda: aten.soft_margin_loss_backward(one, real, real, 1), 1)
