# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, op

op("aoti_torch_cpu_native_dropout", aten=torch.ops.aten.native_dropout.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True, seed=7)


def samples(make):
    for sizes in [(5,), (3, 4), (2, 3, 4, 5), (40, 50)]:
        for x in make.layouts(*sizes):
            yield x, 0.3, True
            yield x, 0.3, False
    yield make(), 0.5, True
    yield make(0, 3), 0.5, True
    yield make(30), 0.0, True
    yield make(30), 1.0, True
    yield make(30), 0.1, None


def bad(make):
    yield (make(3), 1.5, True), "between 0 and 1"
    yield (make(3, dtype=torch.int64), 0.5, True), "not implemented for 'Long'"
