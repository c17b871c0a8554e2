# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, op

op("aten::complex", aten=torch.ops.aten.complex.default,
   dtypes=FLOATS + (torch.float16,), exact=True)


def samples(make):
    for sizes in [(7,), (3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield x, make(*sizes)
            yield x, x
    yield make(2, 1), make(1, 3)
    yield make(), make(3)
    yield make(), make()
    yield make(0, 3), make(3)
    yield make(3) / 0, make(3) * float("nan")
    yield make(70000), make(70000)


def bad(make):
    yield (make(3), make(3, dtype=torch.float64)), "got scalar type Double"
    yield ((make(3), make(3, dtype=torch.int32)),
           "Half, Float or Double tensors but got Float and Int")
    yield (make(3, dtype=torch.bfloat16),) * 2, "but got BFloat16 and BFloat16"
    yield (make(2, 3), make(2, 4)), "must match the size of tensor b (4)"
    yield (None, make(2)), "real: expected a tensor, got None"
    yield (make(2), None), "imag: expected a tensor, got None"
