# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_replication_pad2d_backward",
   aten=torch.ops.aten.replication_pad2d_backward.default,
   dtypes=FLOATS + LOW_FLOATS + COMPLEX, exact=True)


def samples(make):
    for left, right, top, bottom in [
            (1, 2, 3, 0), (0, 0, 0, 0), (-1, 2, 2, -1), (2, -1, -2, 1),
            (-2, -1, -1, -2), (3, -6, -6, 3), (6, 5, 4, 7)]:
        sizes = (2, 3, 5 + top + bottom, 5 + left + right)
        for grad in make.layouts(*sizes):
            for x in (make(2, 3, 5, 5),
                      make(2, 3, 5, 5, layout="channels_last")):
                yield grad, x, [left, right, top, bottom]
    for x in make.layouts(3, 4, 5):
        yield make(3, 7, 8), x, [1, 2, 1, 2]
    yield make(2, 3, 4, 5), make(2, 3, 1, 1), [1, 3, 2, 1]
    yield make(0, 3, 7, 8), make(0, 3, 5, 6), [1, 1, 1, 1]
    for layout in ("contiguous", "channels_last"):
        yield (make(3, 20, 40, 30), make(3, 20, 36, 26, layout=layout),
               [2, 2, 2, 2])


def bad(make):
    grad, x = make(2, 3, 7, 8), make(2, 3, 5, 6)
    yield Bad((grad, x, [1, 1]), "padding size is expected to be 4, but got: 2")
    yield Bad((grad, x, [1, 2, 1, 1]), "grad_output width unexpected. "
              "Expected: 9, Got: 8")
    yield Bad((grad, x, [1, 1, 1, 2]), "grad_output height unexpected. "
              "Expected: 8, Got: 7")
    yield Bad((grad[:, :2], x, [1] * 4), "grad_output channel unexpected. "
              "Expected: 3, Got: 2")
    yield Bad((grad[0], x, [1] * 4), "grad_output should have 4 dimensions")
    yield Bad((make(2, 0, 7, 8), make(2, 0, 5, 6), [1] * 4),
              "Expected 3D or 4D")
    yield Bad((make(7, 8), make(5, 6), [1] * 4), "Expected 3D or 4D")
    # torch reads beyond the gradient.
    yield Bad((grad[:1], x, [1] * 4), "grad_output batch unexpected", False)
    yield Bad((grad.double(), x, [1] * 4), "dtype")
    yield Bad((grad.int(), x.int(), [1] * 4), "not implemented for 'Int'")
    yield Bad((None, x, [1] * 4), "grad_output is a NULL handle")
