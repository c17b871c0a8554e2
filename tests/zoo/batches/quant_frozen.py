# SPDX-License-Identifier: Apache-2.0
"""Quantised layers whose weights oneDNN packs while the model is compiled."""
import torch

ONEDNN = torch.ops.onednn
F8 = torch.float8_e4m3fn
OPTIONS = {"freezing": True}


# PyTorch's own passes make this call after export; export knows no sizes for it.
@torch.library.register_fake("onednn::qconv_prepack")
def _(weight, *rest):
    return torch.empty_like(weight)


def integers(*sizes):
    # Such that the 16-bit sums of CPUs without VNNI do not saturate.
    return torch.randint(-64, 64, sizes, dtype=torch.int8)


class Batch(torch.nn.Module):
    def __init__(self):
        super().__init__()

        def keep(name, tensor):
            self.register_buffer(name, tensor)

        keep("linear", integers(48, 64))
        keep("linear_f8", torch.randn(48, 64).to(F8))
        keep("conv", integers(16, 8, 3, 3))
        keep("grouped", integers(16, 4, 3, 3))
        keep("depthwise", integers(8, 1, 3, 3))
        keep("conv_f8", torch.randn(16, 8, 3, 3).to(F8))
        keep("scale48", torch.rand(48) * 0.02)
        keep("scale16", torch.rand(16) * 0.02)
        keep("scale8", torch.rand(8) * 0.02)
        keep("zeros", torch.zeros(48, dtype=torch.int32))
        keep("bias", torch.randn(48))

    def layer(self, x, dtype, scale, zero_point, unary, weight=None, zero=7):
        weight = self.linear if weight is None else weight
        return ONEDNN.qlinear_pointwise.default(
            x, 0.05, zero, ONEDNN.qlinear_prepack(weight, None), self.scale48,
            self.zeros, self.bias, scale, zero_point, dtype, *unary)

    def convolution(self, x, weight, scales, dtype, scale, zero_point,
                    unary="none", groups=1, zero=7):
        where = ([1, 1], [1, 1], [1, 1], groups)
        packed = ONEDNN.qconv_prepack(weight, scales, 0.05, zero, *where)
        return ONEDNN.qconv_pointwise.default(
            x, 0.05, zero, packed, scales, self.zeros[:len(scales)],
            self.bias[:len(scales)], *where, scale, zero_point, dtype, unary,
            [], None)

    def forward(self, x, image, addend):
        float32, uint8 = torch.float32, torch.uint8
        none, relu = ("none", [], ""), ("relu", [], "")
        x8 = (x.float() * 0.02).to(F8)
        image8 = (image.float() * 0.02).to(F8)
        binary = ONEDNN.qlinear_pointwise.binary(
            x, 0.05, 7, ONEDNN.qlinear_prepack(self.linear, None), self.scale48,
            self.zeros, addend * 2, self.bias, 1.0, 0, float32, 1.0, 0, "sum",
            1.0, "relu", [], "")
        return (
            self.layer(x, float32, 1.0, 0, relu),
            self.layer(x, uint8, 0.1, 9, none),
            self.layer(x, torch.bfloat16, 1.0, 0, ("gelu", [], "tanh")),
            self.layer(x8, float32, 1.0, 0, relu, self.linear_f8, 0),
            binary,
            self.convolution(image, self.conv, self.scale16, uint8, 0.1, 9,
                             "relu"),
            self.convolution(image, self.grouped, self.scale16, float32, 1.0, 0,
                             groups=2),
            self.convolution(image, self.depthwise, self.scale8, uint8, 0.1, 0,
                             groups=8),
            self.convolution(image8, self.conv_f8, self.scale16, float32, 1.0,
                             0, zero=0),
        )


def inputs():
    return (torch.randint(0, 256, (5, 64), dtype=torch.uint8),
            torch.randint(0, 256, (2, 8, 9, 9), dtype=torch.uint8),
            torch.randn(5, 48))


OPERATORS = [
    "aoti_torch_cpu__qlinear_pointwise_tensor",
    "aoti_torch_cpu__qlinear_pointwise_binary_tensor",
    "aoti_torch_cpu__qconv_pointwise_tensor",
]
