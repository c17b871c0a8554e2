# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

# 16-bit floats are rounded after each addition, as torch's loop does.
op("aoti_torch_cpu_max_pool2d_with_indices_backward",
   aten=torch.ops.aten.max_pool2d_with_indices_backward.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True)


def call(make, x, kernel, stride=(), padding=(0,), dilation=(1,), ceil=False,
         layout="contiguous"):
    rest = [list(kernel), list(stride), list(padding), list(dilation), ceil]
    values, indices = torch.ops.aten.max_pool2d_with_indices(x, *rest)
    gradient = make(*values.shape, layout=layout)
    return gradient, x, *rest, indices


def samples(make):
    for x in make.layouts(2, 5, 9, 10):
        yield call(make, x, (3,))
        yield call(make, x, (3,), (1,), (1,))
    for layout in make.LAYOUTS:
        x = make(2, 5, 9, 10)
        yield call(make, x, (3,), (2,), (1,), layout=layout)
    for x in make.layouts(3, 8, 7):
        yield call(make, x, (2, 2))
    for layout in ("contiguous", "channels_last"):
        for channels, kernel, stride, padding, dilation, ceil in [
                (1, (2, 2), (2, 2), (0, 0), (1, 1), False),
                (70, (3, 3), (2, 2), (1, 1), (1, 1), True),
                (8, (2, 3), (1, 2), (1, 0), (2, 2), False),
                (3, (5, 5), (3, 4), (2, 2), (1, 1), True),
                (4, (3, 2), (1, 1), (0, 0), (1, 1), False)]:
            x = make(2, channels, 11, 13, layout=layout)
            yield call(make, x, kernel, stride, padding, dilation, ceil,
                       layout)
        yield call(make, make(0, 2, 4, 4, layout=layout), (2,))
        # Many to one place, places that do not count, other layouts.
        gradient, x, *rest, indices = call(make, make(2, 70, 9, 10), (2,))
        indices = indices % 3 - 1
        yield gradient, x, *rest, indices
        last = [t.to(memory_format=torch.channels_last)
                for t in (gradient, x, indices)]
        yield last[0], last[1], *rest, indices
        yield gradient, last[1], *rest, last[2]
        yield gradient, x, *rest, last[2][..., :1].expand(indices.shape)
        gradient[0, 0] = float("nan")
        gradient[1, 1] = float("inf")
        yield gradient, x, *rest, indices


def bad(make):
    good = call(make, make(2, 3, 4, 4), (2,))
    gradient, x, kernel, stride, padding, dilation, ceil, indices = good
    rest = good[2:7]
    yield Bad((None, x, *rest, indices), "grad_output is a NULL handle")
    yield Bad((gradient, None, *rest, indices), "input is a NULL handle")
    yield Bad((gradient, x, *rest, None), "indices is a NULL handle")
    yield Bad((gradient.double(), x, *rest, indices),
              "expected dtype Float for `grad_output` but got dtype Double")
    yield Bad((gradient, x, *rest, indices.int()),
              "expected scalar type Long for `indices` but found Int")
    yield Bad((gradient[0], x, *rest, indices[0]), "for `grad_output`")
    yield Bad((gradient, x[0], *rest, indices), "for `grad_output`")
    yield Bad((gradient, x, *rest, indices[..., :1]), "for `indices`")
    yield Bad((gradient[:, :2], x, *rest, indices[:, :2]),
              "for `grad_output`")
    yield Bad((gradient, x, [2] * 3, *rest[1:], indices), "kernel_size must")
    yield Bad((gradient, x, [0], [1], *rest[2:], indices), "greater than zero")
    yield Bad((gradient, x, [2], [0], *rest[2:], indices), "zero")
    yield Bad((gradient, x, [2], [2], [2], *rest[3:], indices), "pad should be")
    yield Bad((gradient, x, *rest[:3], [0], ceil, indices),
              "dilation should be greater than zero")
    yield Bad((gradient, x, *rest[:3], [], ceil, indices), "dilation must be")
    yield Bad((gradient.long(), x.long(), *rest, indices),
              "not implemented for 'Long'")
    # torch writes outside of its tensor.
    for value in (-2, 16, 2**62):
        wrong = indices.clone()
        wrong[1, 2] = value
        yield Bad((gradient, x, *rest, wrong), f"invalid max index {value} in "
                  "indices: the input has 16 places", torch_refuses=False)
    few = gradient[:1], x, *rest, indices[:1]
    yield Bad(few, "expected sizes [2, 3, 2, 2] for `grad_output`")
