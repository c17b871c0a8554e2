# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, Bad, op

op("aoti_torch_cpu_avg_pool3d_backward",
   aten=torch.ops.aten.avg_pool3d_backward.default,
   dtypes=FLOATS + (torch.int64,), exact=True)


def call(make, x, kernel, stride=(), padding=(0,), ceil=False, include=True,
         divisor=None, layout="contiguous"):
    rest = [list(kernel), list(stride), list(padding), ceil, include, divisor]
    sizes = torch.ops.aten.avg_pool3d(x.float(), *rest).shape
    gradient = make(*sizes, layout=layout)
    # Quotients of integers are rounded to zero: larger ones are left.
    return gradient if x.is_floating_point() else gradient * 50, x, *rest


def samples(make):
    for x in make.layouts(2, 5, 5, 6, 7):
        yield call(make, x, (3,))
        yield call(make, x, (3,), (2,), (1,), False, False)
    for layout in make.LAYOUTS:
        yield call(make, make(2, 5, 5, 6, 7), (3,), (1,), (1,), layout=layout)
    for x in make.layouts(3, 4, 5, 6):
        yield call(make, x, (2,))
    for layout in ("contiguous", "channels_last"):
        for channels, kernel, stride, padding, ceil, include, divisor in [
                (1, (2, 2, 2), (2, 2, 2), (0, 0, 0), False, True, None),
                (70, (3, 3, 3), (2, 2, 2), (1, 1, 1), True, True, None),
                (66, (3, 3, 3), (2, 2, 2), (1, 1, 1), True, False, None),
                (3, (4, 4, 3), (3, 4, 1), (2, 2, 1), True, True, 7),
                (4, (1, 5, 6), (1, 1, 1), (0, 2, 3), False, True, None),
                (4, (2, 2, 2), (1, 1, 1), (1, 1, 1), False, True, -1),
                (4, (2, 2, 2), (5, 5, 5), (1, 1, 1), True, False, None)]:
            x = make(2, channels, 4, 5, 6, layout=layout)
            yield call(make, x, kernel, stride, padding, ceil, include,
                       divisor, layout)
        yield call(make, make(0, 2, 4, 4, 4, layout=layout), (2,))
        wide = make(1, 2, 3, 3, 200, layout=layout)
        yield call(make, wide, (3,), (1,), (1,))
        yield call(make, wide, (1, 1, 3), (2,))
        yield call(make, wide, (3, 3, 150), (1,))
        if make.dtype.is_floating_point:
            gradient, *rest = call(make, wide, (3,), (1,), (1,))
            gradient[0, 0, ..., 7] = float("nan")
            gradient[0, 1, ..., 90] = float("inf")
            yield gradient, *rest


def bad(make):
    good = call(make, make(2, 3, 4, 4, 4), (2,))
    gradient, x, kernel, stride, padding, ceil, include, _ = good
    rest = good[2:]
    yield Bad((None, x, *rest), "grad_output is a NULL handle")
    yield Bad((gradient, None, *rest), "input is a NULL handle")
    yield Bad((gradient.double(), x, *rest),
              "expected dtype Float for `grad_output` but got dtype Double")
    yield Bad((gradient[0], x, *rest), "for `grad_output`")
    yield Bad((gradient, x[0], *rest), "for `grad_output`")
    yield Bad((gradient[..., :1], x, *rest), "expected sizes "
              "[2, 3, 2, 2, 2] for `grad_output` but got sizes "
              "[2, 3, 2, 2, 1]")
    yield Bad((gradient, x, [2] * 2, *rest[1:]), "kernel_size must")
    yield Bad((gradient, x, [2], [0], *rest[2:]), "stride should not be zero")
    yield Bad((gradient, x, [2], [2], [2], *rest[3:]), "pad should be")
    yield Bad((gradient, x, *rest[:5], 0), "divisor must be not zero")
    yield Bad((gradient.int(), x.int(), *rest), "not implemented for 'Int'")
    yield Bad((gradient, x[..., :1], [2], [2], [1], *rest[3:]),
              "smaller than kernel size")
    yield Bad((gradient.half(), x.half(), *rest),
              "not implemented for 'Half'")
    # torch does not look at the number of images.
    yield Bad((gradient[:1], x, *rest), "for `grad_output`",
              torch_refuses=False)
