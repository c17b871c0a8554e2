# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, op

op("aten::_upsample_nearest_exact2d_backward",
   aten=torch.ops.aten._upsample_nearest_exact2d_backward.default,
   dtypes=FLOATS + LOW_FLOATS)
NONE = (None, None)


def call(grad, sizes, scales=NONE):
    return (grad, list(grad.shape[2:]), list(grad.shape[:2]) + list(sizes),
            *scales)


def samples(make):
    for grad in make.layouts(2, 3, 8, 6):
        yield call(grad, [4, 3])
    for small, large in [(5, 9), (1, 4), (3, 3), (3, 7), (2, 11)]:
        for size, out in [(small, large), (large, small)]:
            grad = make(2, 3, *[out] * 2)
            yield call(grad, [size] * 2)
            yield call(grad, [size] * 2, [out / size + 0.05] * 2)
            yield call(grad, [size] * 2, [out / size + 0.3] * 2)
    yield call(make(0, 3, 8, 6), [4, 3])
    yield call(make(2, 5, 10, 10), [20, 20])


def bad(make):
    grad = make(2, 3, 8, 6)
    yield (grad, [], [2, 3, 4, 3], *NONE), "output_size equals to 2"
    yield (grad, [8, 6], [3, 4, 3], *NONE), "input_size equals to 4"
    yield (grad, [8, 6], [2, 3, 0, 0], *NONE), "greater than 0"
    yield ((grad[0], [8, 6], [2, 3, 4, 3], *NONE),
           "got: dimension 3")
    yield ((grad[:, :, 1:], [8, 6], [2, 3, 4, 3], *NONE),
           "output.size(2) = 8 but got grad_output.size(2) = 7")
    yield ((grad.int(), [8, 6], [2, 3, 4, 3], *NONE),
           "not implemented for 'Int'")
    yield ((None, [8, 6], [2, 3, 4, 3], *NONE),
           "grad_output: expected a tensor, got None")
