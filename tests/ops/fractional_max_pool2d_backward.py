# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_fractional_max_pool2d_backward",
   aten=torch.ops.aten.fractional_max_pool2d_backward.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True)


def samples(make):
    for grad in make.layouts(2, 3, 4, 5):
        # The same element again and again: the order of the sum shows.
        for below in (72, 4):
            yield (grad, make(2, 3, 8, 9), [2, 2], [4, 5],
                   make.index(2, 3, 4, 5, below=below))
    for x in make.layouts(2, 3, 8, 9):
        yield (make(2, 3, 4, 5), x, [2, 2], [4, 5],
               make.index(2, 3, 4, 5, below=72))
    for grad in make.layouts(3, 4, 5):
        yield (grad, make(3, 8, 9), [2, 2], [4, 5],
               make.index(3, 4, 5, below=72))
    yield (make(0, 3, 4, 5), make(0, 3, 8, 9), [2, 2], [4, 5],
           make.index(0, 3, 4, 5, below=72))
    yield (make(2, 0, 4, 5), make(2, 0, 8, 9), [2, 2], [4, 5],
           make.index(2, 0, 4, 5, below=72))
    yield (make(2, 3, 0, 5), make(2, 3, 8, 9), [2, 2], [0, 5],
           make.index(2, 3, 0, 5, below=72))
    yield (make(4, 30, 15, 20), make(4, 30, 30, 40), [2, 2], [15, 20],
           make.index(4, 30, 15, 20, below=1200))


def bad(make):
    grad, x = make(2, 3, 4, 5), make(2, 3, 8, 9)
    at = make.index(2, 3, 4, 5, below=72)
    kernel, out = [2, 2], [4, 5]
    yield Bad((grad, x, kernel, [4, 6], at), "gradOutput sizes unexpected")
    yield Bad((grad, x, kernel, [4], at), "gradOutput sizes unexpected")
    yield Bad((grad[:1], x, kernel, out, at), "gradOutput sizes unexpected")
    yield Bad((grad[0], x, kernel, out, at), "gradOutput sizes unexpected")
    yield Bad((grad, x, kernel, out, at[:1]), "indices sizes unexpected")
    yield Bad((grad, x, kernel, out, at.int()), "expected scalar type Long for "
              "indices but found Int")
    yield Bad((grad.double(), x, kernel, out, at), "expected scalar type Float "
              "for grad_output but found Double")
    yield Bad((grad[0, 0], x[0, 0], kernel, out, at[0, 0]), "Expected 3D or 4D")
    for value in (72, -1, 2**40, -2**63):
        wrong = at.clone()
        wrong[1, 2, 3, 4] = value
        yield Bad((grad, x, kernel, out, wrong), f"index {value} is out of "
                  "range for an input of 1 x 8 x 9")
    yield Bad((grad.int(), x.int(), kernel, out, at),
              "not implemented for 'Int'")
    yield Bad((None, x, kernel, out, at), "grad_output is a NULL handle")
    yield Bad((grad, None, kernel, out, at), "self is a NULL handle")
    yield Bad((grad, x, kernel, out, None), "indices is a NULL handle")
