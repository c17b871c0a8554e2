# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, Bad, op

op("aoti_torch_cpu_avg_pool3d", aten=torch.ops.aten.avg_pool3d.default,
   dtypes=FLOATS + (torch.int64,))


def call(x, kernel, stride=(), padding=(0, 0, 0), ceil=False, include=True,
         divisor=None):
    return x, list(kernel), list(stride), list(padding), ceil, include, divisor


def samples(make):
    for x in make.layouts(2, 3, 5, 6, 7):
        yield call(x, (3, 2, 2))
        yield call(x, (3, 3, 3), (2, 2, 2), (1, 1, 1), False, False)
    for x in make.layouts(3, 4, 5, 6):
        yield call(x, (2, 2, 3))
    for layout in ("contiguous", "channels_last"):
        for channels, kernel, stride, padding, ceil, include, divisor in [
                (1, (2, 2, 2), (2, 2, 2), (0, 0, 0), False, True, None),
                (70, (3, 3, 3), (2, 2, 2), (1, 1, 1), True, True, None),
                (66, (3, 3, 3), (2, 2, 2), (1, 1, 1), True, False, None),
                (3, (5, 4, 3), (3, 4, 1), (2, 2, 1), True, True, 7),
                (4, (1, 6, 7), (1, 1, 1), (0, 3, 3), False, True, None),
                (4, (2, 2, 2), (1, 1, 1), (1, 1, 1), False, True, -1),
                (4, (2, 2, 2), (5, 5, 5), (1, 1, 1), True, False, None)]:
            x = make(2, channels, 5, 6, 7, layout=layout)
            yield call(x, kernel, stride, padding, ceil, include, divisor)
    yield call(make(1, 2, 3, 3, 100), (3,), (1,), (1,))
    yield call(make(1, 2, 3, 4, 100), (2, 1, 20), (1, 1, 3))
    yield call(make(0, 2, 4, 4, 4), (2, 2, 2))
    yield call(make(0, 2, 4, 4, 4, layout="channels_last"), (2, 2, 2))


def bad(make):
    x = make(1, 2, 4, 4, 4)
    yield Bad((None, *call(x, (2,))[1:]), "input is a NULL handle")
    yield Bad(call(x, (2, 2)), "avg_pool3d: kernel_size must either be a "
              "single int, or a tuple of three ints")
    yield Bad(call(x, (2,), (1, 1)), "avg_pool3d: stride must")
    yield Bad(call(x, (2,), (1,), (1, 1)), "avg_pool3d: padding must")
    yield Bad(call(x, (2,), (1,), (0,), False, True, 0),
              "divisor must be not zero")
    yield Bad(call(x, (2,), (1, 0, 1)), "stride should not be zero")
    yield Bad(call(x, (2,), (1, -1, 1)), "stride should be greater than zero, "
              "but got dT: 1 dH: -1 dW: 1")
    yield Bad(call(x, (0, 2, 2)), "stride should not be zero")
    yield Bad(call(x, (2, 0, 2), (1,)), "kernel size should be greater than "
              "zero, but got kT: 2 kH: 0 kW: 2")
    yield Bad(call(x, (2,), (1,), (0, 2, 0)), "pad should be at most half")
    yield Bad(call(x, (2,), (1,), (0, -1, 0)), "pad must be non-negative")
    yield Bad(call(make(1, 2, 4, 2, 4), (3,), (1,), (1,)), "input image (T: 4 "
              "H: 2 W: 4) smaller than kernel size (kT: 3 kH: 3 kW: 3)")
    yield Bad(call(x, (2**40,), (1,)), "too large")
    yield Bad(call(make(4, 4, 4), (2,)), "4D or 5D (batch mode) tensor")
    yield Bad(call(make(1, 2, 4, 0, 4), (2,)), "got:[1, 2, 4, 0, 4]")
    yield Bad(call(make(1, 0, 4, 4, 4), (2,)), "got:[1, 0, 4, 4, 4]")
    yield Bad(call(x.half(), (2,)), "not implemented for 'Half'")
    yield Bad(call(x.int(), (2,)), "not implemented for 'Int'")
