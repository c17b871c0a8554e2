# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_upsample_bicubic2d_backward", aten=torch.ops.aten.upsample_bicubic2d_backward.default,
   dtypes=FLOATS + LOW_FLOATS)


def call(grad, sizes, align=False, scales=()):
    scales = list(scales) or [None] * 2
    return (grad, list(grad.shape[2:]), list(grad.shape[:2]) + list(sizes),
            align, *scales)


def samples(make):
    for align in (False, True):
        for grad in make.layouts(2, 3, 8, 6):
            yield call(grad, [4, 3], align)
        for sizes, out in [((5, 4), (13, 7)), ((13, 7), (5, 4)),
                           ((1, 1), (4, 5)), ((4, 5), (1, 1)),
                           ((6, 7), (6, 7)), ((6, 7), (6, 14)),
                           ((9, 3), (10, 3))]:
            yield call(make(2, 3, *out), sizes, align)
            yield call(make(2, 3, *out), sizes, align,
                       [o / s + 0.05 for s, o in zip(sizes, out)])
    yield call(make(2, 3, 8, 6), [4, 3], False, [None, 2.0])
    yield call(make(0, 3, 8, 6), [4, 3])
    yield call(make(2, 0, 8, 6), [4, 3])
    yield call(make(2, 9, 40, 32), [20, 16])


def bad(make):
    grad = make(2, 3, 8, 6)
    none = (None, None)
    yield Bad((grad, [8], [2, 3, 4, 3], False, *none), "It is expected "
              "output_size equals to 2, but got size 1")
    yield Bad((grad, [8, 6], [3, 4, 3], False, *none), "It is expected "
              "input_size equals to 4, but got size 3")
    yield Bad((grad, [8, 6], [2, 3, 0, 3], False, *none), "greater than 0")
    yield Bad((grad, [8, -6], [2, 3, 4, 3], False, *none), "greater than 0")
    yield Bad((grad[0], [8, 6], [2, 3, 4, 3], False, *none), "dimension 4 but "
              "got: dimension 3")
    yield Bad((grad, [8, 7], [2, 3, 4, 3], False, *none), "output.size(3) = 7 "
              "but got grad_output.size(3) = 6")
    yield Bad((grad, [8, 6], [2, 4, 4, 3], False, *none), "output.size(1) = 4")
    yield Bad((grad.int(), [8, 6], [2, 3, 4, 3], False, *none),
              "not implemented for 'Int'")
    yield Bad((None, [8, 6], [2, 3, 4, 3], False, *none), "NULL handle")
