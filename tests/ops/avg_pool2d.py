# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_avg_pool2d", aten=torch.ops.aten.avg_pool2d.default,
   dtypes=FLOATS + LOW_FLOATS + (torch.int64,))


def call(x, kernel, stride=(), padding=(0, 0), ceil=False, include=True,
         divisor=None):
    return x, list(kernel), list(stride), list(padding), ceil, include, divisor


def samples(make):
    for x in make.layouts(2, 5, 9, 10):
        yield call(x, (3, 2))
        yield call(x, (3, 3), (2, 2), (1, 1), False, False)
    for x in make.layouts(3, 8, 7):
        yield call(x, (2, 2))
    for layout in ("contiguous", "channels_last"):
        for channels, kernel, stride, padding, ceil, include, divisor in [
                (1, (2, 2), (2, 2), (0, 0), False, True, None),
                (70, (3, 3), (2, 2), (1, 1), True, True, None),
                (70, (3, 3), (2, 2), (1, 1), True, False, None),
                (3, (5, 5), (3, 4), (2, 2), True, True, 7),
                (8, (9, 11), (1, 1), (4, 5), False, True, None),
                (4, (2, 2), (1, 1), (1, 1), False, True, -1),
                (4, (2, 2), (5, 5), (1, 1), True, False, None)]:
            x = make(2, channels, 11, 13, layout=layout)
            yield call(x, kernel, stride, padding, ceil, include, divisor)
    yield call(make(1, 2, 3, 200), (3,), (1,), (1,))
    yield call(make(0, 2, 4, 4), (2, 2))
    yield call(make(0, 2, 4, 4, layout="channels_last"), (2, 2))


def bad(make):
    x = make(1, 2, 4, 4)
    yield Bad(call(x, (2, 2, 2)), "avg_pool2d: kernel_size must either be a "
              "single int, or a tuple of two ints")
    yield Bad(call(x, (2, 2), (1, 1, 1)), "avg_pool2d: stride must either be "
              "omitted, a single int, or a tuple of two ints")
    yield Bad(call(x, (2, 2), (1, 1), (1, 1, 1)), "avg_pool2d: padding must "
              "either be a single int, or a tuple of two ints")
    yield Bad(call(x, (2, 2), (1, 1), (0, 0), False, True, 0),
              "divisor must be not zero")
    yield Bad(call(x, (2, 2), (0, 1)), "stride should not be zero")
    yield Bad(call(x, (2, 2), (1, 1), (2, 0)), "pad should be at most half")
    yield Bad(call(make(1, 2, 1, 1), (3, 3)), "Output size is too small")
    # torch finds these by an index that is out of range.
    yield Bad(call(make(4, 4), (2, 2)), "3D or 4D")
    yield Bad(call(make(1, 2, 0, 4), (2, 2)), "got:[1, 2, 0, 4]")
    yield Bad(call(x.int(), (2, 2)), "not implemented for 'Int'")
