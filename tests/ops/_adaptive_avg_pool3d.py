# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

# 16-bit floats are rounded at each step, as torch's loop does.
op("aoti_torch_cpu__adaptive_avg_pool3d",
   aten=torch.ops.aten._adaptive_avg_pool3d.default, dtypes=FLOATS)
op("aoti_torch_cpu__adaptive_avg_pool3d", exact=True, bad=False,
   aten=torch.ops.aten._adaptive_avg_pool3d.default, dtypes=LOW_FLOATS)


def samples(make):
    for x in make.layouts(2, 3, 5, 6, 7):
        for size in [(1, 1, 1), (2, 3, 4), (5, 6, 7), (8, 3, 9)]:
            yield x, list(size)
    for x in make.layouts(3, 4, 5, 6):
        yield x, [2, 3, 2]
    for layout in ("contiguous", "channels_last"):
        yield make(1, 70, 4, 6, 20, layout=layout), [1, 1, 1]
        yield make(1, 70, 4, 6, 20, layout=layout), [2, 2, 2]
        yield make(2, 3, 4, 4, 4, layout=layout), [0, 2, 2]
        yield make(0, 2, 4, 4, 4, layout=layout), [2, 2, 2]
    yield make(0, 4, 4, 4), [2, 2, 2]
    if make.dtype in LOW_FLOATS:
        # Subnormal sums, sums that overflow, and no number.
        yield make(1, 2, 4, 4, 4) * 1e-6, [2, 2, 2]
        yield make(1, 2, 4, 4, 4) * 3e4, [2, 2, 2]
        x = make(1, 2, 4, 4, 4)
        x[0, 0, 1, 1] = float("nan")
        x[0, 1, 2, 2] = float("inf")
        yield x, [2, 2, 2]


def bad(make):
    x = make(1, 2, 4, 4, 4)
    yield Bad((None, [2, 2, 2]), "input is a NULL handle")
    yield Bad((x, [2, 2]), "adaptive_avg_pool3d: output_size must be 3")
    yield Bad((x, [-1, 2, 2]), "must be greater than or equal to 0")
    yield Bad((make(4, 4, 4), [2, 2, 2]), "adaptive_avg_pool3d(): Expected 4D "
              "or 5D tensor, but got [4, 4, 4]")
    yield Bad((make(1, 2, 0, 4, 4), [2, 2, 2]), "Expected input to have "
              "non-zero size for non-batch dimensions, but input has sizes "
              "[1, 2, 0, 4, 4] with dimension 2 being empty")
    yield Bad((make(1, 0, 4, 4, 4), [2, 2, 2]), "with dimension 1 being empty")
    yield Bad((x.long(), [2, 2, 2]), "not implemented for 'Long'")
