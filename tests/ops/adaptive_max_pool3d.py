# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_adaptive_max_pool3d",
   aten=torch.ops.aten.adaptive_max_pool3d.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True)


def samples(make):
    for x in make.layouts(2, 5, 5, 6, 7):
        for size in [(1, 1, 1), (2, 3, 4), (5, 6, 7), (8, 3, 9), (5, 3, 7)]:
            yield x, list(size)
    for x in make.layouts(3, 4, 5, 6):
        yield x, [2, 3, 2]
    for layout in ("contiguous", "channels_last"):
        wide = make(2, 70, 3, 4, 70, layout=layout)
        for columns in (1, 3, 10, 35, 50):
            yield wide, [1, 2] + [columns]
        yield make(2, 3, 4, 4, 4, layout=layout), [0, 2, 2]
        yield make(0, 2, 4, 4, 4, layout=layout), [2, 2, 2]
        x = make(2, 5, 3, 4, 70, layout=layout)
        x[:, 0] = -float("inf")
        x[:, 1, ..., 40:42] = float("nan")
        x[:, 2, ..., 3::5] = float("nan")
        x[:, 3] = 1
        x[:, 4, ..., 20:23] = float("inf")
        yield x, [1, 1, 1]
        yield x, [2, 2] + [3]
    yield make(0, 4, 4, 4), [2, 2, 2]


def bad(make):
    x = make(1, 2, 4, 4, 4)
    yield Bad((None, [2, 2, 2]), "input is a NULL handle")
    yield Bad((x, [2]), "adaptive_max_pool3d: output_size must be 3")
    yield Bad((x, [-1, 2, 2]), "must be greater than or equal to 0")
    yield Bad((make(4, 4, 4), [2, 2, 2]), "adaptive_max_pool3d(): Expected "
              "4D or 5D tensor, but got [4, 4, 4]")
    yield Bad((make(1, 2, 0, 4, 4), [2, 2, 2]), "Expected input to have "
              "non-zero size for non-batch dimensions, but input has sizes "
              "[1, 2, 0, 4, 4] with dimension 2 being empty")
    yield Bad((make(1, 0, 4, 4, 4), [2, 2, 2]),
              "with dimension 1 being empty")
    yield Bad((x.long(), [2, 2, 2]), "not implemented for 'Long'")
