# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, op

op("aten::upsample_bilinear2d_backward",
   aten=torch.ops.aten.upsample_bilinear2d_backward.default,
   dtypes=FLOATS + LOW_FLOATS)


def call(grad, sizes, align=False, scales=(None, None)):
    return (grad, list(grad.shape[2:]), list(grad.shape[:2]) + list(sizes),
            align, *scales)


def samples(make):
    for align in (False, True):
        for grad in make.layouts(2, 3, 8, 6):
            yield call(grad, [4, 3], align)
        for sizes, out in [((5, 4), (9, 7)), ((9, 7), (5, 4)),
                           ((1, 1), (4, 5)), ((4, 5), (1, 1)),
                           ((3, 4), (3, 4)), ((3, 4), (3, 8))]:
            yield call(make(2, 3, *out), sizes, align)
            yield call(make(2, 3, *out, layout="channels_last"), sizes, align,
                       [o / s + 0.05 for s, o in zip(sizes, out)])
    yield call(make(2, 3, 8, 6), [4, 3], False, (2.0, None))
    yield call(make(0, 3, 8, 6), [4, 3])
    yield call(make(2, 5, 32, 40), [16, 20])


def bad(make):
    grad = make(2, 3, 8, 6)
    none = (None, None)
    yield (grad, [8], [2, 3, 4, 3], False, *none), "output_size equals to 2"
    yield (grad, [8, 6], [3, 4, 3], False, *none), "input_size equals to 4"
    yield (grad, [8, 6], [2, 3, 0, 3], False, *none), "greater than 0"
    yield (grad[0], [8, 6], [2, 3, 4, 3], False, *none), "got: dimension 3"
    yield ((grad, [7, 6], [2, 3, 4, 3], False, *none),
           "output.size(2) = 7 but got grad_output.size(2) = 8")
    yield ((grad.int(), [8, 6], [2, 3, 4, 3], False, *none),
           "not implemented for 'Int'")
    yield ((None, [8, 6], [2, 3, 4, 3], False, *none),
           "grad_output: expected a tensor, got None")
