# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, op

op("aoti_torch_cpu_normal_functional", aten=torch.ops.aten.normal_functional.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True, seed=7)


def samples(make):
    for sizes in [(5,), (3, 4), (6, 7), (2, 3, 4, 5), (40, 50)]:
        for x in make.layouts(*sizes):
            yield x, -1.5, 3.25, None
    yield make(), -1.5, 3.25, None
    yield make(0, 3), -1.5, 3.25, None


def bad(make):
    yield (make(3), 0.0, -1.0, None), "std >= 0.0"
    yield (make(3, dtype=torch.int32), 0.0, 1.0, None), "not implemented for 'Int'"
