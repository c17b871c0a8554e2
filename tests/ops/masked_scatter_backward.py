# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_masked_scatter_backward",
   aten=torch.ops.aten.masked_scatter_backward.default,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS + COMPLEX + BOOL, exact=True)


def samples(make):
    for x in make.layouts(2, 3, 4):
        mask = make(2, 3, 4, dtype=torch.bool)
        yield x, mask, [int(mask.sum())]
        yield x, mask, [2, 3, 4]
        yield x, mask, [2, 13]
        yield x, make(3, 1, dtype=torch.bool), [24]
    yield make(), torch.tensor(True), []
    yield make(), torch.tensor(False), [2, 2]
    yield make(3), torch.zeros(3, dtype=torch.bool), [0, 4]
    yield make(3), torch.zeros(3, dtype=torch.bool), [2]


def bad(make):
    x, mask = make(3, 4), torch.ones(3, 4, dtype=torch.bool)
    yield (x, mask, [11]), "shape '[11]' is invalid for input of size 12"
    yield (x, mask, [3, -4]), "invalid shape [3, -4]"
    yield (x, mask.int(), [12]), "expected a mask of bools"
    # torch dereferences the handle.
    yield Bad((x, None, [12]), "NULL", torch_refuses=False)
