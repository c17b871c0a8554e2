# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, op

op("aten::upsample_nearest1d_backward",
   aten=torch.ops.aten.upsample_nearest1d_backward.default,
   dtypes=FLOATS + LOW_FLOATS)
NONE = (None,)


def call(grad, sizes, scales=NONE):
    return (grad, list(grad.shape[2:]), list(grad.shape[:2]) + list(sizes),
            *scales)


def samples(make):
    for grad in make.layouts(2, 3, 8):
        yield call(grad, [4])
    for small, large in [(5, 9), (1, 4), (3, 3), (3, 7), (2, 11)]:
        for size, out in [(small, large), (large, small)]:
            grad = make(2, 3, *[out] * 1)
            yield call(grad, [size] * 1)
            yield call(grad, [size] * 1, [out / size + 0.05] * 1)
            yield call(grad, [size] * 1, [out / size + 0.3] * 1)
    yield call(make(0, 3, 8), [4])
    yield call(make(2, 5, 10), [20])


def bad(make):
    grad = make(2, 3, 8)
    yield (grad, [], [2, 3, 4], *NONE), "output_size equals to 1"
    yield (grad, [8], [3, 4], *NONE), "input_size equals to 3"
    yield (grad, [8], [2, 3, 0], *NONE), "greater than 0"
    yield ((grad[0], [8], [2, 3, 4], *NONE),
           "got: dimension 2")
    yield ((grad[:, :, 1:], [8], [2, 3, 4], *NONE),
           "output.size(2) = 8 but got grad_output.size(2) = 7")
    yield ((grad.int(), [8], [2, 3, 4], *NONE),
           "not implemented for 'Int'")
    yield ((None, [8], [2, 3, 4], *NONE),
           "grad_output: expected a tensor, got None")
