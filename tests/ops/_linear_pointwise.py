# SPDX-License-Identifier: Apache-2.0
import torch
from harness import LOW_FLOATS, op

DTYPES = (torch.float32,) + LOW_FLOATS


def reference(x, *rest):
    """torch refuses the 16-bit types on CPUs without AVX-512; it sums them in
    float and rounds once."""
    values = [v.float() if isinstance(v, torch.Tensor)
              and v.dtype in LOW_FLOATS else v for v in rest]
    if x.dtype not in LOW_FLOATS:
        return torch.ops.mkldnn._linear_pointwise.default(x, *rest)
    return torch.ops.mkldnn._linear_pointwise.default(
        x.float(), *values).to(x.dtype)


op("aoti_torch_cpu__linear_pointwise", dtypes=DTYPES, reference=reference)


UNARY = [("none", [], None), ("relu", [], ""), ("sigmoid", [], ""),
         ("tanh", [], ""), ("swish", [], ""), ("hardswish", [], ""),
         ("hardsigmoid", [], ""), ("leaky_relu", [0.1], ""),
         ("hardtanh", [-0.5, 0.75], ""), ("gelu", [], "none"),
         ("gelu", [], "tanh")]


def samples(make):
    for attr, scalars, algorithm in UNARY:
        yield (make(2, 3, 40), make(20, 40), make(20), attr, scalars,
               algorithm or "")
    for x in make.layouts(5, 12):
        yield x, make(7, 12), make(7), "relu", [], ""
    for x in make.layouts(2, 3, 12):
        yield x, make(7, 12), None, "relu", [], ""
    for weight in make.layouts(33, 12):
        yield make(5, 12), weight, make(33), "none", [], ""
    yield make(1, 64), make(50, 64), make(50), "relu", [], ""
    yield make(64), make(50, 64), make(50), "relu", [], ""
    yield make(30, 64), make(50, 64), make(50), "tanh", [], ""
    yield make(0, 4), make(5, 4), make(5), "relu", [], ""


def bad(make):
    x, weight, bias = make(2, 4), make(5, 4), make(5)
    yield (x, weight, bias, "abs", [], ""), "Fusion behavior undefined"
    yield (x, weight, bias, "gelu", [], "x"), "Unsupported gelu algorithm: x"
    yield (x, weight, bias, "leaky_relu", [], ""), (
        "leaky_relu is expected to have one scalar input: negative_slope")
    yield (x, weight, bias, "hardtanh", [1.0], ""), (
        "hardtanh is expected to have two scalar input: min_val and max_val")
    yield (x, make(5, 3), bias, "relu", [], ""), (
        "the last dimension of input is 4, weight is 5x3")
    yield (x, weight, make(6), "relu", [], ""), "bias must have 5 elements"
    yield (x, make(5, 4, dtype=torch.float64), bias, "relu", [], ""), (
        "Input type (torch.FloatTensor) and weight type (torch.DoubleTensor) "
        "should be the same")
    wide = [make(*s, dtype=torch.float64) for s in ((2, 4), (5, 4))]
    yield (*wide, None, "relu", [], ""), "expected a float, bfloat16 or half"
