# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_replication_pad1d_backward",
   aten=torch.ops.aten.replication_pad1d_backward.default,
   dtypes=FLOATS + LOW_FLOATS + COMPLEX, exact=True)


def samples(make):
    for left, right in [(1, 2), (0, 0), (7, 3), (-1, 2), (2, -1), (-2, -1),
                        (3, -6), (-6, 3)]:
        for grad in make.layouts(2, 3, 5 + left + right):
            yield grad, make(2, 3, 5), [left, right]
    for x in make.layouts(3, 6):
        yield make(3, 9), x, [1, 2]
    yield make(2, 3, 4), make(2, 3, 1), [1, 2]
    yield make(0, 3, 7), make(0, 3, 4), [1, 2]
    yield make(2, 3, 0), make(2, 3, 4), [-2, -2]
    yield make(8, 60, 80), make(8, 60, 74), [3, 3]


def bad(make):
    grad, x = make(2, 3, 7), make(2, 3, 5)
    yield Bad((grad, x, [1, 1, 1]), "padding size is expected to be 2, but "
              "got: 3")
    yield Bad((grad, x, [1, 2]), "grad_output width unexpected. Expected: 8, "
              "Got: 7")
    yield Bad((grad[:, :2], x, [1, 1]), "grad_output channel unexpected. "
              "Expected: 3, Got: 2")
    yield Bad((grad[0], x, [1, 1]), "grad_output should have 3 dimensions")
    # torch reads beyond the gradient.
    yield Bad((grad[:1], x, [1, 1]), "grad_output batch unexpected", False)
    # torch takes the second dimension for the width.
    yield Bad((make(2, 3, 7, 7), make(2, 3, 7, 5), [1, 1]), "Expected 2D or "
              "3D", False)
    yield Bad((grad.double(), x, [1, 1]), "dtype")
    yield Bad((grad.int(), x.int(), [1, 1]), "not implemented for 'Int'")
    yield Bad((None, x, [1, 1]), "grad_output is a NULL handle")
    yield Bad((grad, None, [1, 1]), "self is a NULL handle")
