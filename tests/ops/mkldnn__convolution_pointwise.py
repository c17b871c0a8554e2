# SPDX-License-Identifier: Apache-2.0
"""The four forms of mkldnn::_convolution_*: one kernel computes them."""
import torch
from harness import Bad, Sample, op

MKLDNN = torch.ops.mkldnn
F32 = (torch.float32,)
UNARY = [("none", [], ""), ("relu", [], ""), ("sigmoid", [], ""),
         ("tanh", [], ""), ("swish", [], ""), ("hardswish", [], ""),
         ("hardsigmoid", [], ""), ("leaky_relu", [0.1], ""),
         ("hardtanh", [-0.5, 0.7], ""), ("gelu", [], "none"),
         ("gelu", [], "tanh")]


def close(*args):
    return Sample(args, rtol=1e-4, atol=1e-4)


def plain(make):
    for attr, scalars, algorithm in UNARY:
        for layout in ("contiguous", "channels_last"):
            yield close(make(1, 4, 7, 8, layout=layout), make(6, 4, 3, 3),
                        make(6), [1, 1], [2, 1], [1, 1], 1, attr, scalars,
                        algorithm)
    yield close(make(1, 4, 9), make(6, 4, 3), None, [1], [1], [1], 1, "relu",
                [], "")
    yield close(make(2, 4, 5, 6, 6, layout="channels_last"),
                make(8, 2, 3, 3, 3), None, [1] * 3, [1] * 3, [1] * 3, 2,
                "relu", [], "")
    yield close(make(1, 12, 6, 6, layout="channels_last"), make(12, 1, 3, 3),
                None, [1], [1], [1], 12, "hardswish", [], None)
    yield close(make(0, 4, 6, 6), make(6, 4, 3, 3), None, [1, 1], [1, 1],
                [1, 1], 1, "relu", [], "")
    yield close(make(2, 3, 9, 20), make(17, 3, 3, 3), make(17), [1, 1], [1, 1],
                [1, 1], 1, "hardswish", [], "")
    for layout in ("contiguous", "channels_last"):
        yield close(make(2, 16, 5, 5, layout=layout), make(70, 16, 3, 3),
                    make(70), [1, 1], [1, 1], [1, 1], 1, "hardswish", [], "")


def bad_plain(make):
    x, w = make(1, 4, 6, 6), make(5, 4, 3, 3)

    def broken(message, x=x, w=w, padding=(1, 1), attr="none", scalars=(),
               algorithm="", **options):
        return Bad((x, w, None, list(padding), [1, 1], [1, 1], 1, attr,
                    list(scalars), algorithm), message, **options)

    yield broken("Fusion behavior undefined", attr="foo")
    yield broken("leaky_relu is expected to have one scalar input: "
                 "negative_slope", attr="leaky_relu")
    yield broken("leaky_relu is expected", attr="leaky_relu", scalars=[None])
    yield broken("hardtanh is expected to have two scalar input: min_val and "
                 "max_val", attr="hardtanh", scalars=[-0.5])
    yield broken("Unsupported gelu algorithm: foo", attr="gelu",
                 algorithm="foo")
    yield broken("expected a float, bfloat16 or half tensor", x=x.double(),
                 w=w.double())
    yield broken("expected padding to be a single integer value",
                 padding=(1, 1, 1))
    yield broken("to have 4 channels, but got 3 channels",
                 x=make(1, 3, 6, 6))


op("aoti_torch_cpu_mkldnn__convolution_pointwise",
   aten=MKLDNN._convolution_pointwise.default, dtypes=F32, samples=plain,
   bad=bad_plain)


def transposed(make):
    for attr, scalars, algorithm in UNARY:
        for layout in ("contiguous", "channels_last"):
            yield close(make(2, 4, 5, 6, layout=layout), make(4, 3, 3, 3),
                        make(6), [1, 1], [1, 0], [2, 2], [1, 1], 2, attr,
                        scalars, algorithm)


def bad_transposed(make):
    yield Bad((make(1, 4, 6, 6), make(5, 3, 2, 2), None, [0, 0], [0, 0],
               [2, 2], [1, 1], 1, "none", [], ""), "to have 5 channels")
    yield Bad((make(1, 4, 6, 6), make(4, 3, 2, 2), None, [0, 0], [2, 2],
               [2, 2], [1, 1], 1, "none", [], ""),
              "output padding must be smaller than either stride or dilation")


op("aoti_torch_cpu_mkldnn__convolution_transpose_pointwise",
   aten=MKLDNN._convolution_transpose_pointwise.default, dtypes=F32,
   samples=transposed, bad=bad_transposed)


def binary(make):
    x = make(1, 4, 6, 7)
    w, bias = make(5, 4, 3, 3), make(5)
    for attr in ("add", "sub", "mul", "div"):
        for relu in (None, "relu"):
            for layout in ("contiguous", "channels_last"):
                other = make(1, 5, 6, 7, layout=layout)
                if attr == "div":
                    other = other.sign() + other
                yield close(x, other, w, bias, [1, 1], [1, 1], [1, 1], 1, attr,
                            None, relu, [], None)
    yield close(make(1, 4, 6, 7, layout="channels_last"), make(1, 5, 6, 7), w,
                None, [1, 1], [1, 1], [1, 1], 1, "add", 1.0, None, [], None)
    yield close(x, make(1, 5, 1, 1), w, bias, [1, 1], [1, 1], [1, 1], 1, "mul",
                None, None, [], None)


def bad_binary(make):
    x, w, other = make(1, 4, 6, 6), make(5, 4, 3, 3), make(1, 5, 6, 6)

    def broken(message, attr="add", alpha=None, unary=None, other=other):
        return Bad((x, other, w, None, [1, 1], [1, 1], [1, 1], 1, attr, alpha,
                    unary, [], None), message)

    yield broken("Binary Fusion behavior undefined", attr="max")
    yield broken("the alpha value should be none or 1.0", alpha=2.0)
    yield broken("Unary Fusion behavior undefined", unary="sigmoid")
    yield broken("Input type (torch.FloatTensor) and other type "
                 "(torch.DoubleTensor) should be the same",
                 other=other.double())


op("aoti_torch_cpu_mkldnn__convolution_pointwise_binary",
   aten=MKLDNN._convolution_pointwise.binary, dtypes=F32, samples=binary,
   bad=bad_binary)


def in_place(make):
    for relu in (None, "relu"):
        for layout in ("contiguous", "channels_last"):
            yield close(make(1, 5, 6, 7, layout=layout), make(1, 4, 6, 7),
                        make(5, 4, 3, 3), make(5), [1, 1], [1, 1], [1, 1], 1,
                        "add", None, relu, [], None)


def bad_in_place(make):
    yield Bad((make(1, 5, 6, 6), make(1, 4, 6, 6), make(5, 4, 3, 3), None,
               [1, 1], [1, 1], [1, 1], 1, "mul", None, None, [], None),
              "only support binary op fusion")
    yield Bad((make(1, 5, 6, 6), make(1, 4, 6, 6), make(5, 4, 3, 3), None,
               [1, 1], [1, 1], [1, 1], 1, "add", 2.0, None, [], None),
              "the alpha value")


op("aoti_torch_cpu_mkldnn__convolution_pointwise_binary_",
   aten=MKLDNN._convolution_pointwise_.binary, dtypes=F32, samples=in_place,
   bad=bad_in_place, outputs=("Tensor",))
