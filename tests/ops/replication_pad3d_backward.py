# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, LOW_FLOATS, op

op("aten::replication_pad3d_backward",
   aten=torch.ops.aten.replication_pad3d_backward.default,
   dtypes=FLOATS + LOW_FLOATS + COMPLEX, exact=True)


def samples(make):
    for pad in [[1, 2, 3, 0, 2, 1], [0] * 6, [-1, 2, 2, -1, 1, -2],
                [2, -1, -2, 1, -1, 2], [-1, -1, -1, -1, -1, -1],
                [3, 2, 1, 4, 5, 6]]:
        sizes = (2, 3, 4 + pad[4] + pad[5], 4 + pad[2] + pad[3],
                 4 + pad[0] + pad[1])
        for grad in make.layouts(*sizes):
            yield grad, make(2, 3, 4, 4, 4), pad
        yield (make(*sizes), make(2, 3, 4, 4, 4, layout="channels_last"), pad)
    for x in make.layouts(3, 2, 4, 5):
        yield make(3, 5, 7, 8), x, [1, 2, 1, 2, 2, 1]
    yield make(2, 3, 3, 4, 5), make(2, 3, 1, 1, 1), [1, 3, 2, 1, 0, 2]
    yield make(0, 3, 7, 8, 4), make(0, 3, 5, 6, 2), [1] * 6


def bad(make):
    grad, x, pad = make(2, 3, 7, 8, 6), make(2, 3, 5, 6, 4), [1] * 6
    yield (grad, x, [1, 1]), "padding size is expected to be 6, but got: 2"
    yield (grad, x, [1, 2, 1, 1, 1, 1]), "width unexpected. Expected: 7, Got: 6"
    yield (grad, x, [1, 1, 1, 2, 1, 1]), "height unexpected. Expected: 9"
    yield (grad, x, [1, 1, 1, 1, 1, 2]), "depth unexpected. Expected: 8, Got: 7"
    yield (grad[0], x, pad), "grad_output should have 5 dimensions"
    yield (make(7, 8, 6), make(5, 6, 4), pad), "Expected 4D or 5D"
    yield (grad.int(), x.int(), pad), "not implemented for 'Int'"
    yield (None, x, pad), "grad_output: expected a tensor, got None"
    yield (grad, None, pad), "self: expected a tensor, got None"
