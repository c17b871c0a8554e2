# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

# 16-bit floats are rounded at each step, as torch's loop does.
op("aoti_torch_cpu_avg_pool2d_backward",
   aten=torch.ops.aten.avg_pool2d_backward.default,
   dtypes=FLOATS + LOW_FLOATS + (torch.int64,), exact=True)


def call(make, x, kernel, stride=(), padding=(0,), ceil=False, include=True,
         divisor=None, layout="contiguous"):
    rest = [list(kernel), list(stride), list(padding), ceil, include, divisor]
    sizes = torch.ops.aten.avg_pool2d(x.float(), *rest).shape
    gradient = make(*sizes, layout=layout)
    # Quotients of integers are rounded to zero: larger ones are left.
    return gradient if x.is_floating_point() else gradient * 50, x, *rest


def samples(make):
    for x in make.layouts(2, 5, 9, 10):
        yield call(make, x, (3,))
        yield call(make, x, (3,), (2,), (1,), False, False)
    for layout in make.LAYOUTS:
        yield call(make, make(2, 5, 9, 10), (3,), (1,), (1,), layout=layout)
    for x in make.layouts(3, 8, 7):
        yield call(make, x, (2,))
    for layout in ("contiguous", "channels_last"):
        for channels, kernel, stride, padding, ceil, include, divisor in [
                (1, (2, 2), (2, 2), (0, 0), False, True, None),
                (70, (3, 3), (2, 2), (1, 1), True, True, None),
                (70, (3, 3), (2, 2), (1, 1), True, False, None),
                (3, (5, 5), (3, 4), (2, 2), True, True, 7),
                (8, (9, 11), (1, 1), (4, 5), False, True, None),
                (4, (3, 3), (1, 1), (1, 1), False, False, None),
                (4, (2, 2), (1, 1), (1, 1), False, True, -1),
                (4, (2, 2), (5, 5), (1, 1), True, False, None)]:
            x = make(2, channels, 11, 13, layout=layout)
            yield call(make, x, kernel, stride, padding, ceil, include,
                       divisor, layout)
        yield call(make, make(0, 2, 4, 4, layout=layout), (2,))
        wide = make(1, 2, 3, 200, layout=layout)
        yield call(make, wide, (3,), (1,), (1,))
        yield call(make, wide, (1, 3), (2,))
        yield call(make, wide, (3, 150), (1,))
        if make.dtype.is_floating_point:
            gradient, *rest = call(make, wide, (3,), (1,), (1,))
            gradient[0, 0, ..., 7] = float("nan")
            gradient[0, 1, ..., 90] = float("inf")
            yield gradient, *rest


def bad(make):
    good = call(make, make(2, 3, 4, 4), (2,))
    gradient, x, kernel, stride, padding, ceil, include, _ = good
    rest = good[2:]
    yield Bad((None, x, *rest), "grad_output is a NULL handle")
    yield Bad((gradient, None, *rest), "input is a NULL handle")
    yield Bad((gradient.double(), x, *rest),
              "expected dtype Float for `grad_output` but got dtype Double")
    yield Bad((gradient[0], x, *rest), "for `grad_output`")
    yield Bad((gradient, x[0], *rest), "for `grad_output`")
    yield Bad((gradient[..., :1], x, *rest), "expected sizes "
              "[2, 3, 2, 2] for `grad_output` but got sizes "
              "[2, 3, 2, 1]")
    yield Bad((gradient, x, [2] * 3, *rest[1:]), "kernel_size must")
    yield Bad((gradient, x, [2], [0], *rest[2:]), "stride should not be zero")
    yield Bad((gradient, x, [2], [2], [2], *rest[3:]), "pad should be")
    yield Bad((gradient, x, *rest[:5], 0), "divisor must be not zero")
    yield Bad((gradient.int(), x.int(), *rest), "not implemented for 'Int'")
    yield Bad((gradient[:1], x, *rest), "for `grad_output`")
