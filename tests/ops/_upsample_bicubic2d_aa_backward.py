# SPDX-License-Identifier: Apache-2.0
import torch
from harness import op

op("aten::_upsample_bicubic2d_aa_backward",
   aten=torch.ops.aten._upsample_bicubic2d_aa_backward.default)


def call(grad, sizes, align=False, scales=(None, None)):
    return (grad, list(grad.shape[2:]), list(grad.shape[:2]) + list(sizes),
            align, *scales)


def samples(make):
    for align in (False, True):
        for grad in make.layouts(2, 3, 7, 5):
            for sizes in [(7, 5), (3, 4), (12, 11), (3, 12), (1, 1)]:
                yield call(grad, sizes, align)
    for layout in ("contiguous", "channels_last"):
        yield call(make(1, 2, 6, 3, layout=layout), (4, 4), False, (1.4, 0.8))
        yield call(make(1, 2, 2, 9, layout=layout), (4, 4), False, (None, 2.3))
    yield call(make(2, 2, 1, 1), (5, 3), True)
    yield call(make(2, 1, 4, 3), (30, 40))
    yield call(make(0, 2, 4, 4), (3, 3))


def bad(make):
    grad = make(2, 3, 8, 6)
    none = (None, None)
    yield (grad, [8], [2, 3, 4, 3], False, *none), "output_size equals to 2"
    yield (grad, [8, 6], [3, 4, 3], False, *none), "input_size equals to 4"
    yield (grad, [8, 6], [2, 3, 0, 3], False, *none), "greater than 0"
    yield (grad[0], [8, 6], [2, 3, 4, 3], False, *none), "got: dimension 3"
    yield ((grad, [7, 6], [2, 3, 4, 3], False, *none),
           "output.size(2) = 7 but got grad_output.size(2) = 8")
    yield ((grad.half(), [8, 6], [2, 3, 4, 3], False, *none),
           "not implemented for 'Half'")
    yield ((grad.int(), [8, 6], [2, 3, 4, 3], False, *none),
           "not implemented for 'Int'")
    yield ((None, [8, 6], [2, 3, 4, 3], False, *none),
           "grad_output: expected a tensor, got None")
