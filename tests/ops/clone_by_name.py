# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, op

op("aten::clone", aten=torch.ops.aten.clone.default,
   dtypes=COMPLEX + FLOATS + INTEGERS + LOW_FLOATS + BOOL, exact=True)


def samples(make):
    for sizes in [(7,), (3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield x, None
            yield x, torch.preserve_format
            yield x, torch.contiguous_format
    for x in make.layouts(2, 3, 4, 5):
        yield x, torch.channels_last
    yield make(1, 2, 3, 2, 2), torch.channels_last_3d
    yield make(), None
    yield make(0, 3), None


def bad(make):
    yield (make(2, 3), torch.channels_last), "required rank 4 tensor"
    yield (None, None), "self: expected a tensor, got None"
