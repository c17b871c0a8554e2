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
        return torch.ops.mkldnn._linear_pointwise.binary(x, *rest)
    return torch.ops.mkldnn._linear_pointwise.binary(
        x.float(), *values).to(x.dtype)


op("aoti_torch_cpu__linear_pointwise_binary", dtypes=DTYPES, reference=reference)


def samples(make):
    for attr in ("add", "sub", "mul"):
        yield make(2, 3, 40), make(2, 3, 20), make(20, 40), make(20), attr
        yield make(9, 16), make(9, 33), make(33, 16), None, attr
    yield (make(9, 16), make(9, 33, low=1, high=2), make(33, 16), make(33),
           "div")
    for other in make.layouts(2, 3, 20):
        yield make(2, 3, 40), other, make(20, 40), make(20), "add"
    for x in make.layouts(2, 3, 40):
        yield x, make(2, 3, 20), make(20, 40), None, "mul"
    yield make(1, 40), make(1, 20), make(20, 40), make(20), "add"


def bad(make):
    x, other, weight = make(2, 4), make(2, 5), make(5, 4)
    yield (x, other, weight, None, "max"), "Fusion behavior undefined"
    yield (x, make(5), weight, None, "add"), (
        "other of sizes [5] has 5 elements, expected 10")
    yield (x, make(2, 5, dtype=torch.float64), weight, None, "add"), (
        "Input type (torch.FloatTensor) and other type (torch.DoubleTensor) "
        "should be the same")
    yield (x, other, make(5, 3), None, "add"), (
        "the last dimension of input is 4, weight is 5x3")
