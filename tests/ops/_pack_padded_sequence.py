# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, op

op("aten::_pack_padded_sequence",
   aten=torch.ops.aten._pack_padded_sequence.default,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS + BOOL + COMPLEX, exact=True)


def samples(make):
    lengths = torch.tensor([4, 4, 2, 1])
    for x in make.layouts(4, 4, 3):
        yield x, lengths, False
        yield x, lengths, True
    for x in make.layouts(5, 4):
        yield x, torch.tensor([5, 3, 3, 1]), False
    for x in make.layouts(4, 5, 2, 3):
        yield x, torch.tensor([5, 3, 3, 1]), True
    yield make(3, 1, 2), torch.tensor([2]), False
    yield make(3, 3, 2), torch.tensor([5, 4, 1]), False  # longer than the input
    yield make(6, 3, 2), torch.tensor([6, 0, 4, 0, 2, 0])[::2], False


def bad(make):
    x, lengths = make(4, 3, 2), torch.tensor([4, 2, 1])
    yield (x, lengths.int(), False), "int64 tensor, but got 1D Int"
    yield (x, lengths[None], False), "int64 tensor, but got 2D Long"
    yield (x, lengths, True), "equal to batch_size, but got 3 (batch_size=4)"
    yield (x, torch.tensor([4, 2, 0]), False), "greater than 0"
    yield (x, torch.tensor([2, 4, 1]), False), "sorted in decreasing order"
    yield (x[:0], lengths, False), "Cannot pack empty tensors"
    yield (make(3), lengths, False), "at least 2 dimensions, got 1"
    yield (None, lengths, False), "input: expected a tensor, got None"
    yield (x, None, False), "lengths: expected a tensor, got None"
