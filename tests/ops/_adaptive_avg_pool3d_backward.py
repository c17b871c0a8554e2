# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

# 16-bit floats are rounded at each step, as torch's loop does.
op("aoti_torch_cpu__adaptive_avg_pool3d_backward",
   aten=torch.ops.aten._adaptive_avg_pool3d_backward.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True)


def call(make, x, size, layout="contiguous"):
    return make(*x.shape[:-3], *size, layout=layout), x


def samples(make):
    for x in make.layouts(2, 5, 5, 6, 7):
        for size in [(1, 1, 1), (2, 3, 4), (5, 6, 7), (8, 3, 9)]:
            yield call(make, x, size)
    for layout in make.LAYOUTS:
        yield call(make, make(2, 5, 5, 6, 7), (2, 3, 2), layout)
    for x in make.layouts(3, 4, 5, 6):
        yield call(make, x, (2, 3, 2))
    for layout in ("contiguous", "channels_last"):
        x = make(2, 70, 5, 6, 7, layout=layout)
        yield call(make, x, (2, 3, 2), layout)
        yield call(make, x, [1, 1, 1], layout)
        yield call(make, make(0, 2, 4, 4, 4, layout=layout), (2, 3, 2))
        yield call(make, make(1, 2, 2, 2, 100, layout=layout),
                   [1, 1, 70])
        gradient, x = call(make, x, (2, 3, 2))
        gradient[0, 0] = float("nan")
        gradient[0, 1] = float("inf")
        yield gradient, x


def bad(make):
    gradient, x = call(make, make(2, 3, 4, 4, 4), [2, 2, 2])
    yield Bad((None, x), "grad_output is a NULL handle")
    yield Bad((gradient, None), "input is a NULL handle")
    yield Bad((gradient.double(), x),
              "expected dtype Float for `grad_output` but got dtype Double")
    yield Bad((gradient[0], x), "Expected dimensions 5 for `grad_output` "
              "but got dimensions 4")
    yield Bad((gradient[0, 0], x[0, 0]), "Expected 4D or 5D")
    yield Bad((gradient[..., :0], x), "with dimension 4 being empty")
    yield Bad((gradient.long(), x.long()), "not implemented for 'Long'")
    # torch does not look at the number of images and channels.
    yield Bad((gradient[:1], x), "for `grad_output`", torch_refuses=False)
    yield Bad((gradient[:, :1], x), "for `grad_output`", torch_refuses=False)
