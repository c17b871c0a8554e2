# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_max_pool2d_with_indices",
   aten=torch.ops.aten.max_pool2d_with_indices.default,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS, exact=True)


def call(x, kernel, stride=(), padding=(0, 0), dilation=(1, 1), ceil=False):
    return x, list(kernel), list(stride), list(padding), list(dilation), ceil


def samples(make):
    for x in make.layouts(2, 5, 9, 10):
        yield call(x, (3, 2))
        yield call(x, (3, 3), (2, 2), (1, 1))
    for x in make.layouts(3, 8, 7):
        yield call(x, (2, 2))
    for layout in ("contiguous", "channels_last"):
        for channels, kernel, stride, padding, dilation, ceil in [
                (1, (2, 2), (2, 2), (0, 0), (1, 1), False),
                (70, (3, 3), (2, 2), (1, 1), (1, 1), True),
                (8, (2, 3), (1, 2), (1, 0), (2, 2), False),
                (3, (5, 5), (3, 4), (2, 2), (1, 1), True),
                (4, (2, 2), (5, 5), (0, 1), (3, 2), True),
                (130, (1, 1), (1, 1), (0, 0), (1, 1), False)]:
            # torch itself counts a plane's elements in the input's dtype.
            x = make(2, channels, 10, 12, layout=layout)
            yield call(x, kernel, stride, padding, dilation, ceil)
    wide = make(1, 2, 3, 200)
    yield call(wide, (3, 3), (1, 1), (1, 1))
    yield call(wide, (3,), (2,), (1,), (1,))
    # A window that has no element of the input.
    yield call(make(1, 2, 1, 4), (2, 2), (1, 1), (1, 1), (2, 2))
    yield call(make(0, 2, 4, 4), (2, 2))
    yield call(make(0, 2, 4, 4, layout="channels_last"), (2, 2))
    if make.dtype.is_floating_point:
        for layout in ("contiguous", "channels_last"):
            x = make(2, 9, 8, 8, layout=layout)
            x[:, :, 2, 3] = float("nan")
            x[:, 4, 3, :] = float("nan")
            x[0, 5] = -float("inf")
            x[1, 6] = float("inf")
            yield call(x, (3, 3), (1, 1), (1, 1))
    equal = make(1, 3, 6, 6)
    equal[:] = 1
    yield call(equal, (2, 2))


def bad(make):
    x = make(1, 2, 4, 4)
    yield Bad(call(x, (2, 2, 2)), "max_pool2d: kernel_size must either be a "
              "single int, or a tuple of two ints")
    yield Bad(call(x, ()), "kernel_size must either be")
    yield Bad(call(x, (2, 2), (1, 1, 1)), "max_pool2d: stride must either be "
              "omitted, a single int, or a tuple of two ints")
    yield Bad(call(x, (2, 2), (0, 1)), "stride should not be zero")
    yield Bad(call(x, (2, 2), (1, 1), (2, 0)), "pad should be at most half of "
              "effective kernel size, but got pad=2, kernel_size=2 and "
              "dilation=1")
    yield Bad(call(x, (2, 2), (1, 1), (-1, 0)), "pad must be non-negative, "
              "but got pad: -1")
    yield Bad(call(x, (2, 2), (1, 1), (1, 1, 1)), "max_pool2d: padding must "
              "either be a single int, or a tuple of two ints")
    yield Bad(call(x, (2, 2), (1, 1), (0, 0), (0, 1)), "dilation should be "
              "greater than zero, but got dilationH: 0 dilationW: 1")
    yield Bad(call(x, (2, 2), (1, 1), (0, 0), (1, 1, 1)), "max_pool2d: "
              "dilation must be either a single int, or a tuple of two ints")
    yield Bad(call(x, (2, 2), (1, 1), (0, 0), ()), "dilation must be either")
    yield Bad(call(make(1, 2, 1, 1), (3, 3)), "Given input size: (2x1x1). "
              "Calculated output size: (2x0x0). Output size is too small")
    yield Bad(call(make(4, 4), (2, 2)), "non-empty 3D or 4D (batch mode) "
              "tensor expected for input")
    yield Bad(call(make(1, 0, 4, 4), (2, 2)), "Expected 3D or 4D (batch mode) "
              "tensor with optional 0 dim batch size for input, but "
              "got:[1, 0, 4, 4]")
    yield Bad(call(make(0, 4, 4), (2, 2)), "got:[0, 4, 4]")
    yield Bad(call(x.bool(), (2, 2)), "not implemented for 'Bool'")
