# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_upsample_trilinear3d_backward", aten=torch.ops.aten.upsample_trilinear3d_backward.default,
   dtypes=FLOATS + LOW_FLOATS)


def call(grad, sizes, align=False, scales=()):
    scales = list(scales) or [None] * 3
    return (grad, list(grad.shape[2:]), list(grad.shape[:2]) + list(sizes),
            align, *scales)


def samples(make):
    for align in (False, True):
        for grad in make.layouts(2, 3, 8, 6, 4):
            yield call(grad, [4, 3, 2], align)
        for sizes, out in [((5, 4, 3), (9, 7, 5)), ((9, 7, 5), (5, 4, 3)),
                           ((1, 1, 1), (4, 5, 3)), ((4, 5, 3), (1, 1, 1)),
                           ((3, 4, 5), (3, 4, 5)), ((3, 4, 5), (3, 8, 5))]:
            yield call(make(2, 3, *out), sizes, align)
            yield call(make(2, 3, *out, layout="channels_last"), sizes, align,
                       [o / s + 0.05 for s, o in zip(sizes, out)])
    yield call(make(2, 3, 8, 6, 4), [4, 3, 2], False, [2.0, None, 2.0])
    yield call(make(0, 3, 8, 6, 4), [4, 3, 2])
    yield call(make(2, 0, 8, 6, 4), [4, 3, 2])
    yield call(make(2, 5, 10, 16, 20), [5, 8, 10])


def bad(make):
    grad = make(2, 3, 8, 6, 4)
    none = (None, None, None)
    yield Bad((grad, [8, 6], [2, 3, 4, 3, 2], False, *none), "It is expected "
              "output_size equals to 3, but got size 2")
    yield Bad((grad, [8, 6, 4], [3, 4, 3, 2], False, *none), "It is expected "
              "input_size equals to 5, but got size 4")
    yield Bad((grad, [8, 6, 4], [2, 3, 0, 3, 2], False, *none),
              "greater than 0")
    yield Bad((grad, [8, 6, 0], [2, 3, 4, 3, 2], False, *none),
              "greater than 0")
    yield Bad((grad[0], [8, 6, 4], [2, 3, 4, 3, 2], False, *none),
              "dimension 5 but got: dimension 4")
    yield Bad((grad, [8, 7, 4], [2, 3, 4, 3, 2], False, *none),
              "output.size(3) = 7 but got grad_output.size(3) = 6")
    yield Bad((grad, [8, 6, 4], [1, 3, 4, 3, 2], False, *none),
              "output.size(0) = 1")
    yield Bad((grad.int(), [8, 6, 4], [2, 3, 4, 3, 2], False, *none),
              "not implemented for 'Int'")
    yield Bad((None, [8, 6, 4], [2, 3, 4, 3, 2], False, *none), "NULL handle")
