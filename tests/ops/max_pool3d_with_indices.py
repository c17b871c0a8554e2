# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_max_pool3d_with_indices",
   aten=torch.ops.aten.max_pool3d_with_indices.default,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS, exact=True)


def call(x, kernel, stride=(), padding=(0, 0, 0), dilation=(1, 1, 1),
         ceil=False):
    return x, list(kernel), list(stride), list(padding), list(dilation), ceil


def volumes(make, *sizes):
    """Without a batch torch refuses what looks like channels-last images."""
    for layout in make.LAYOUTS:
        if layout != "channels_last":
            yield make(*sizes, layout=layout)
    yield make(1, *sizes, layout="channels_last")[0]


def samples(make):
    # torch counts a volume's elements in the input's dtype.
    for x in make.layouts(2, 3, 4, 5, 6):
        yield call(x, (3, 2, 2))
        yield call(x, (3, 3, 3), (2, 2, 2), (1, 1, 1))
    for x in volumes(make, 3, 4, 5, 6):
        yield call(x, (2, 2, 2))
        yield call(x, (3, 1, 2), (1, 2, 1), (1, 0, 1), (2, 1, 3))
    for layout in ("contiguous", "channels_last"):
        for channels, kernel, stride, padding, dilation, ceil in [
                (1, (2, 2, 2), (2, 2, 2), (0, 0, 0), (1, 1, 1), False),
                (70, (3, 3, 3), (2, 2, 2), (1, 1, 1), (1, 1, 1), True),
                (8, (2, 3, 1), (1, 2, 2), (1, 0, 0), (2, 2, 3), False),
                (3, (4, 5, 3), (3, 4, 2), (2, 2, 1), (1, 1, 1), True),
                (4, (2, 2, 2), (5, 5, 5), (0, 1, 1), (3, 2, 1), True),
                # A multiple of torch's vectors: of a channel beyond them it
                # forgets the depth of the place where the search begins.
                (128, (1, 1, 1), (1, 1, 1), (0, 0, 0), (1, 1, 1), False)]:
            x = make(2, channels, 4, 5, 6, layout=layout)
            yield call(x, kernel, stride, padding, dilation, ceil)
        # One window, and few.
        yield call(make(2, 3, 4, 5, 6, layout=layout), (4, 5, 6))
        yield call(make(1, 2, 2, 2, 30, layout=layout), (1, 2, 20), (1, 1, 5))
    yield call(make(1, 2, 3, 3, 100), (3, 3, 3), (1, 1, 1), (1, 1, 1))
    yield call(make(1, 2, 3, 3, 100), (3,), (2,), (1,), (1,))
    # A window that has no element of the input.
    yield call(make(1, 2, 1, 1, 4), (2, 2, 2), (1, 1, 1), (1, 1, 1), (2, 2, 2))
    yield call(make(0, 2, 4, 4, 4), (2, 2, 2))
    yield call(make(0, 2, 4, 4, 4, layout="channels_last"), (2, 2, 2))
    if make.dtype.is_floating_point:
        for layout in ("contiguous", "channels_last"):
            x = make(2, 9, 4, 6, 7, layout=layout)
            x[:, :, 1, 2, 3] = float("nan")
            x[:, 4, 2, 3, :] = float("nan")
            x[1, 6] = float("inf")
            if layout == "contiguous":  # see above
                x[0, 5] = -float("inf")
            yield call(x, (3, 3, 3), (1, 1, 1), (1, 1, 1))
    equal = make(1, 3, 4, 4, 4)
    equal[:] = 1
    yield call(equal, (2, 2, 2))


def bad(make):
    x = make(1, 2, 4, 4, 4)
    yield Bad((None, *call(x, (2,))[1:]), "input is a NULL handle")
    yield Bad(call(x, (2, 2)), "max_pool3d: kernel_size must either be a "
              "single int, or a tuple of three ints")
    yield Bad(call(x, ()), "kernel_size must either be")
    yield Bad(call(x, (2,), (1, 1)), "max_pool3d: stride must either be "
              "omitted, a single int, or a tuple of three ints")
    yield Bad(call(x, (2,), (0, 1, 1)), "stride should not be zero")
    yield Bad(call(x, (2,), (1,), (2, 0, 0)), "pad should be at most half of "
              "effective kernel size, but got pad=2, kernel_size=2 and "
              "dilation=1")
    yield Bad(call(x, (2,), (1,), (2, 0, 0), (4,)), "pad should be smaller "
              "than or equal to half of kernel size")
    yield Bad(call(x, (2,), (1,), (-1, 0, 0)), "pad must be non-negative")
    yield Bad(call(x, (2,), (1,), (1, 1)), "max_pool3d: padding must")
    yield Bad(call(x, (2,), (1,), (0,), (0, 1, 1)), "dilation should be "
              "greater than zero, but got dilationT: 0 dilationH: 1 "
              "dilationW: 1")
    yield Bad(call(x, (2,), (1,), (0,), (1, 1)), "max_pool3d: dilation must")
    yield Bad(call(x, (2,), (1,), (0,), ()), "dilation must be either")
    yield Bad(call(make(1, 2, 4, 1, 4), (3,)), "Given input size: (2x4x1x4). "
              "Calculated output size: (2x1x0x1). Output size is too small")
    yield Bad(call(make(4, 4, 4), (2,)), "4D or 5D (batch mode) tensor")
    yield Bad(call(make(1, 0, 4, 4, 4), (2,)), "got:[1, 0, 4, 4, 4]")
    yield Bad(call(make(2, 3, 4, 5, layout="channels_last"), (2,)),
              "Unsupported memory format")
    yield Bad(call(x.bool(), (2,)), "not implemented for 'Bool'")
