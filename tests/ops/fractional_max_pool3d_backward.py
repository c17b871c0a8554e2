# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_fractional_max_pool3d_backward",
   aten=torch.ops.aten.fractional_max_pool3d_backward.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True)

KERNEL, OUT = [2, 2, 2], [2, 4, 5]


def samples(make):
    for grad in make.layouts(2, 3, *OUT):
        # The same element again and again: the order of the sum shows.
        for below in (216, 4):
            yield (grad, make(2, 3, 3, 8, 9), KERNEL, OUT,
                   make.index(2, 3, *OUT, below=below))
    for x in make.layouts(2, 3, 3, 8, 9):
        yield (make(2, 3, *OUT), x, KERNEL, OUT,
               make.index(2, 3, *OUT, below=216))
    for grad in make.layouts(3, *OUT):
        yield (grad, make(3, 3, 8, 9), KERNEL, OUT,
               make.index(3, *OUT, below=216))
    yield (make(0, 3, *OUT), make(0, 3, 3, 8, 9), KERNEL, OUT,
           make.index(0, 3, *OUT, below=216))
    yield (make(3, 20, 6, 8, 8), make(3, 20, 12, 16, 16), KERNEL, [6, 8, 8],
           make.index(3, 20, 6, 8, 8, below=3072))


def bad(make):
    grad, x = make(2, 3, *OUT), make(2, 3, 3, 8, 9)
    at = make.index(2, 3, *OUT, below=216)
    yield Bad((grad, x, KERNEL, [2, 4, 6], at), "gradOutput sizes unexpected")
    # torch does not look at batch and channels, and reads beyond them.
    yield Bad((grad[:1], x, KERNEL, OUT, at), "gradOutput sizes unexpected",
              False)
    yield Bad((grad, x, KERNEL, OUT, at[:, :2]), "indices sizes unexpected",
              False)
    yield Bad((grad, x, KERNEL, OUT, at.int()), "expected scalar type Long")
    yield Bad((grad.double(), x, KERNEL, OUT, at), "expected scalar type Float")
    yield Bad((grad[0, 0], x[0, 0], KERNEL, OUT, at[0, 0]), "Expected 4D or 5D")
    for value in (216, -1, 2**40):
        wrong = at.clone()
        wrong[1, 2, 1, 3, 4] = value
        yield Bad((grad, x, KERNEL, OUT, wrong), f"index {value} is out of "
                  "range for an input of 3 x 8 x 9")
    yield Bad((grad.int(), x.int(), KERNEL, OUT, at),
              "not implemented for 'Int'")
    yield Bad((None, x, KERNEL, OUT, at), "grad_output is a NULL handle")
