# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_baddbmm_out", aten=torch.ops.aten.baddbmm.out,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS + COMPLEX)


def samples(make):
    for self in (make(5), make(3, 5), make(2, 1, 5), make(2, 3, 1), make(),
                 make(1, 1, 1), make(2, 3, 5), make(2, 1, 1)):
        for beta, alpha in ((1.0, 1.0), (2.0, 3.0)):
            yield (make(2, 3, 5), self, make(2, 3, 4), make(2, 4, 5), beta,
                   alpha)
    for left in make.layouts(3, 6, 10):
        for right in make.layouts(3, 10, 20):
            yield make(3, 6, 20), make(3, 1, 20), left, right, 1.0, 2.0
    for self in make.layouts(2, 9, 11):
        for out in make.layouts(2, 9, 11):
            if 0 not in out.stride():
                yield out, self, make(2, 9, 5), make(2, 5, 11), 2.0, 1.0
    fill = float("nan") if make.dtype.is_floating_point else 7
    unused = torch.full((2, 3, 4), fill, dtype=make.dtype)
    yield make(2, 3, 4), unused, make(2, 3, 5), make(2, 5, 4), 0.0, 1.0
    # torch has no such product of integers by a number that C gives as a
    # double.
    if make.dtype not in INTEGERS:
        yield make(2, 3, 4), make(4), make(2, 3, 0), make(2, 0, 4), 2.0, 1.0
    yield make(0, 3, 4), make(4), make(0, 3, 2), make(0, 2, 4), 2.0, 1.0


def bad(make):
    def call(out, self, batch1, batch2, beta=1.0, alpha=1.0):
        return out, self, batch1, batch2, beta, alpha

    yield call(make(2, 3, 5), make(7), make(2, 3, 4), make(2, 4, 5)), (
        "The expanded size of the tensor (5) must match the existing size (7) "
        "at non-singleton dimension 2.")
    yield call(make(2, 3, 5), make(1, 1, 1, 5), make(2, 3, 4),
               make(2, 4, 5)), "number of dimensions in the tensor (4)"
    yield call(make(2, 3, 5), make(5, dtype=torch.float64), make(2, 3, 4),
               make(2, 4, 5)), (
        "Input dtypes must be the same, got: input double, batch1: float, "
        "batch2: float")
    yield call(make(2, 3, 5), make(5), make(2, 3), make(2, 4, 5)), (
        "batch1 must be a 3D tensor")
    flags = [make(*s, dtype=torch.bool)
             for s in ((2, 3, 5), (5,), (2, 3, 4), (2, 4, 5))]
    yield call(*flags), "\"baddbmm\" not implemented for 'Bool'"
    # torch resizes the output, which belongs to the model here.
    yield Bad(call(make(2, 3, 4), make(5), make(2, 3, 4), make(2, 4, 5)),
              "out has sizes [2, 3, 4], expected [2, 3, 5]",
              torch_refuses=False)
