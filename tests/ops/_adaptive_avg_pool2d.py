# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu__adaptive_avg_pool2d",
   aten=torch.ops.aten._adaptive_avg_pool2d.default, dtypes=FLOATS + LOW_FLOATS)


def samples(make):
    for x in make.layouts(2, 5, 9, 10):
        for size in [(1, 1), (3, 4), (9, 10), (12, 3)]:
            yield x, list(size)
    for x in make.layouts(3, 8, 7):
        yield x, [2, 3]
    yield make(1, 70, 16, 40, layout="channels_last"), [1, 1]
    yield make(1, 70, 16, 40), [1, 1]
    yield make(1, 2, 4, 4), [0, 2]
    yield make(2, 3, 4, 4, layout="channels_last"), [0, 2]
    yield make(0, 2, 4, 4), [2, 2]
    yield make(1, 0, 4, 4), [2, 2]


def bad(make):
    x = make(1, 2, 4, 4)
    yield Bad((x, [2]), "adaptive_avg_pool2d: output_size must be 2")
    yield Bad((x, [-1, 2]), "must be greater than or equal to 0")
    yield Bad((make(4, 4), [2, 2]), "adaptive_avg_pool2d(): Expected 3D or 4D "
              "tensor, but got [4, 4]")
    yield Bad((make(1, 2, 0, 4), [2, 2]), "Expected input to have non-zero "
              "size for non-batch dimensions, but input has sizes "
              "[1, 2, 0, 4] with dimension 2 being empty")
    yield Bad((x.long(), [2, 2]), "not implemented for 'Long'")
