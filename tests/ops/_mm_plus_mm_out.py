# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, LOW_FLOATS, op


def reference(out, a, b, c, d):
    torch.ops.inductor._mm_plus_mm(a, b, c, d, out)


op("aoti_torch__mm_plus_mm_out", reference=reference, outputs=(),
   dtypes=FLOATS + LOW_FLOATS + INTEGERS)


def samples(make):
    yield make(2, 4), make(2, 3), make(3, 4), make(2, 5), make(5, 4)
    yield make(1, 40), make(1, 30), make(30, 40), make(1, 7), make(7, 40)
    yield make(3, 4), make(3, 0), make(0, 4), make(3, 2), make(2, 4)
    yield make(0, 4), make(0, 3), make(3, 4), make(0, 5), make(5, 4)
    for a in make.layouts(20, 30):
        for d in make.layouts(10, 40):
            yield make(20, 40), a, make(30, 40), make(20, 10), d


def bad(make):
    yield (make(2, 4), make(2, 3), make(5, 4), make(2, 5), make(5, 4)), (
        "mat1 and mat2 shapes cannot be multiplied (2x3 and 5x4)")
    yield (make(2, 4), make(2, 3), make(3, 4), make(2, 5), make(6, 4)), (
        "mat1 and mat2 shapes cannot be multiplied (2x5 and 6x4)")
