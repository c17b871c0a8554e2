# SPDX-License-Identifier: Apache-2.0
import torch
from harness import op

op("aoti_torch_cpu__mkl_linear", dtypes=(torch.float32,),
   aten=torch.ops.mkl._mkl_linear.default)


def samples(make):
    for x in make.layouts(2, 3, 40):
        weight = make(20, 40)
        yield x, weight, weight, make(20), 6
        # A batch it was not packed for.
        yield x, weight, weight, None, 7
    for weight in make.layouts(33, 12):
        yield make(5, 12), weight, weight, make(33), 4
    weight = make(5, 4)
    yield make(1, 4), weight, weight, make(5), 3


def bad(make):
    weight = make(5, 4)
    yield (make(2, 4, dtype=torch.float64), weight, weight, None, 3), (
        "Input type (torch.DoubleTensor) and weight type (torch.FloatTensor)")
    yield (make(2, 3), weight, weight, None, 3), (
        "the last dimension of input is 3, weight is 5x4")
