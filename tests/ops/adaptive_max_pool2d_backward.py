# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

# 16-bit floats are rounded after each addition, as torch's loop does.
op("aoti_torch_cpu_adaptive_max_pool2d_backward",
   aten=torch.ops.aten.adaptive_max_pool2d_backward.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True)


def call(make, x, size, layout="contiguous"):
    values, indices = torch.ops.aten.adaptive_max_pool2d(x, list(size))
    return make(*values.shape, layout=layout), x, indices


def samples(make):
    for x in make.layouts(2, 5, 9, 10):
        for size in [(1, 1), (3, 4), (9, 10), (12, 3)]:
            yield call(make, x, size)
    for layout in make.LAYOUTS:
        yield call(make, make(2, 5, 9, 10), (3, 4), layout)
    for x in make.layouts(3, 8, 7):
        yield call(make, x, (3, 4))
    for layout in ("contiguous", "channels_last"):
        x = make(2, 70, 9, 10, layout=layout)
        yield call(make, x, (3, 4), layout)
        yield call(make, make(0, 2, 4, 4, layout=layout), (3, 4))
        gradient, x, indices = call(make, x, (3, 4))
        yield gradient, x, indices % 2  # many to one place
        gradient[0, 0] = float("nan")
        yield gradient, x, indices


def bad(make):
    gradient, x, indices = call(make, make(2, 3, 4, 4), [2, 2])
    yield Bad((None, x, indices), "grad_output is a NULL handle")
    yield Bad((gradient, None, indices), "input is a NULL handle")
    yield Bad((gradient, x, None), "indices is a NULL handle")
    yield Bad((gradient.double(), x, indices),
              "expected dtype Float for `grad_output` but got dtype Double")
    yield Bad((gradient, x, indices.int()),
              "expected scalar type Long for `indices` but found Int")
    yield Bad((gradient[0], x, indices[0]), "Expected dimensions 4 for "
              "`grad_output` but got dimensions 3")
    yield Bad((gradient[0, 0], x, indices[0, 0]), "Expected 3D or 4D")
    yield Bad((gradient, x, indices[..., :1]), "for `indices`")
    yield Bad((gradient[..., :0], x, indices[..., :0]), "with dimension 3 "
              "being empty")
    yield Bad((gradient.long(), x.long(), indices),
              "not implemented for 'Long'")
    # torch does not look at the number of images and channels.
    yield Bad((gradient[:1], x, indices[:1]), "for `grad_output`",
              torch_refuses=False)
    # torch writes outside of its tensor.
    for value in (-1, 16, 2**62):
        wrong = indices.clone()
        wrong[1, 2] = value
        yield Bad((gradient, x, wrong), f"invalid max index {value} in "
                  "indices: the input has 16 places", torch_refuses=False)
