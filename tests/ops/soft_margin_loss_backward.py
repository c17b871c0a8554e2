# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, FLOAT8, FLOATS, INTEGERS, LOW_FLOATS,
                     UNSIGNED, Bad, op)

backward = torch.ops.aten.soft_margin_loss_backward.default
op("aoti_torch_cpu_soft_margin_loss_backward", aten=backward,
   dtypes=FLOATS + LOW_FLOATS)
# torch divides by the larger part of a complex number first, C by its square.
op("aoti_torch_cpu_soft_margin_loss_backward", aten=backward, dtypes=COMPLEX,
   rtol=1e-5, atol=1e-5, bad=False)



def samples(make):
    for x in make.layouts(2, 3, 4, 5):
        for reduction in (0, 1, 2):
            yield make() if reduction else make(2, 3, 4, 5), x, \
                make(2, 3, 4, 5), reduction
        yield make(), make(2, 3, 4, 5), x, 1
        yield x, x, x, 0
    yield make(), make(2, 1), make(3), 1
    yield make(), make(3), make(2, 1), 7
    yield make(3), make(2, 3), make(3), 0
    yield make(), make(), make(), 1
    yield make(), make(0, 3), make(0, 3), 1
    yield make(), make(3, 40), make(3, 40, dtype=torch.int64, low=-1, high=2), 1
    if make.dtype in FLOATS + LOW_FLOATS:
        yield make(), 30 * make(40), make(40), 2
        yield make(), make(2, 3), make(2, 3, dtype=torch.float64), 1
        yield make(dtype=torch.float64), make(2, 3), make(2, 3), 1


def bad(make):
    x = make(3)
    yield (make(2, 3), x, x, 1), "doesn't match the broadcast shape [2, 3]"
    yield (x, x, make(4), 1), "must match the size of tensor b (3)"
    yield (x, x, make(3, dtype=torch.bool), 1), "Negation"
    for dtype in UNSIGNED:
        yield (x, x, make(3, dtype=dtype), 1), "\"neg_cpu\" not implemented for"
    for dtype in FLOAT8[:1]:
        yield (x, x, make(3, dtype=dtype), 1), "Promotion for Float8 Types"
    yield (x, make(3, dtype=torch.int64), x, 1), "result type Float can't be"
    yield (x, x, make(3, dtype=torch.complex64), 1), "can't be cast"
    yield (make(3, dtype=torch.complex64), x, x, 1), "can't be cast"
    yield Bad((None, x, x, 1), "grad_output is a NULL", torch_refuses=False)
    yield Bad((x, None, x, 1), "self is a NULL", torch_refuses=False)
    yield Bad((x, x, None, 1), "target is a NULL", torch_refuses=False)
