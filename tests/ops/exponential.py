# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, op

op("aoti_torch_cpu_exponential", aten=torch.ops.aten.exponential.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True, seed=7)


def samples(make):
    for sizes in [(5,), (3, 4), (6, 7), (2, 3, 4, 5), (40, 50)]:
        for x in make.layouts(*sizes):
            yield x, 1.25, None
    yield make(), 1.25, None
    yield make(0, 3), 1.25, None


def bad(make):
    yield (make(3), -1.0, None), "lambda > 0.0"
    # torch says the same in other words.
    yield (make(3, dtype=torch.int32), 1.0, None), "not implemented for 'Int'"
