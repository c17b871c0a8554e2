# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_upsample_linear1d_backward", aten=torch.ops.aten.upsample_linear1d_backward.default,
   dtypes=FLOATS + LOW_FLOATS)


def call(grad, sizes, align=False, scales=()):
    scales = list(scales) or [None] * 1
    return (grad, list(grad.shape[2:]), list(grad.shape[:2]) + list(sizes),
            align, *scales)


def samples(make):
    for align in (False, True):
        for grad in make.layouts(2, 3, 8):
            yield call(grad, [4], align)
        for size, out in [(5, 13), (13, 5), (1, 4), (4, 1), (6, 6), (9, 10)]:
            yield call(make(2, 3, out), [size], align)
            yield call(make(2, 3, out), [size], align, [out / size + 0.05])
    yield call(make(2, 3, 8), [4], False, [-1.0])
    yield call(make(2, 3, 6), [6], False, [1.5])
    yield call(make(0, 3, 8), [4])
    yield call(make(2, 0, 8), [4])
    yield call(make(6, 70, 80), [40])


def bad(make):
    grad = make(2, 3, 8)
    yield Bad((grad, [8, 8], [2, 3, 4], False, None), "It is expected "
              "output_size equals to 1, but got size 2")
    yield Bad((grad, [8], [3, 4], False, None), "It is expected input_size "
              "equals to 3, but got size 2")
    yield Bad((grad, [8], [2, 3, 0], False, None), "greater than 0")
    yield Bad((grad, [-8], [2, 3, 4], False, None), "greater than 0")
    yield Bad((grad[0], [8], [2, 3, 4], False, None), "dimension 3 but got: "
              "dimension 2")
    yield Bad((grad, [9], [2, 3, 4], False, None), "output.size(2) = 9 but "
              "got grad_output.size(2) = 8")
    yield Bad((grad, [8], [-1, 3, 4], False, None), "output.size(0) = -1")
    yield Bad((grad.int(), [8], [2, 3, 4], False, None),
              "not implemented for 'Int'")
    yield Bad((None, [8], [2, 3, 4], False, None), "NULL handle")
