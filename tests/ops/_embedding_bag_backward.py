# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

aten = torch.ops.aten


def bags(make, mode, padding, integer=torch.int64):
    """indices, offsets, offset2bag, bag_size and maximum_indices of a call."""
    weight = make(10, 16)
    indices = make.index(12, below=10).to(integer)
    indices[4] = padding if padding >= 0 else 7
    offsets = torch.tensor([0, 3, 3, 7]).to(integer)
    _, to_bag, sizes, places = aten._embedding_bag(
        weight, indices, offsets, False, mode, False, None, False, padding)
    if to_bag.numel() == 0:
        to_bag = torch.repeat_interleave(
            torch.arange(4), torch.tensor([3, 0, 4, 5])).to(integer)
    return indices, offsets, to_bag, sizes, places


def samples(make):
    for mode in (0, 1, 2):
        for padding in (-1, 7):
            indices, offsets, *rest = bags(make, mode, padding)
            yield (make(4, 16), indices, offsets, *rest, 10, False, mode, False,
                   None, padding)
    indices, offsets, to_bag, *rest = bags(make, 0, -1)
    yield (make(4, 16), indices, offsets, to_bag[:0], *rest, 10, True, 0, False,
           make(12), -1)
    ends = torch.cat([offsets, torch.tensor([12])])
    yield (make(4, 16), indices, ends, to_bag[:0], *rest, 10, False, 0, False,
           None)


def bad(make):
    indices, offsets, *rest = bags(make, 0, -1)
    # torch gives a sparse tensor.
    yield Bad((make(4, 16), indices, offsets, *rest, 10, False, 0, True, None),
              "sparse gradients are not supported", torch_refuses=False)
    yield ((make(4, 16), indices, None, *rest, 10, False, 0, False, None),
           "argument offsets: expected a tensor, got None")
    # torch adds up out of bounds.
    yield Bad((make(4, 16), indices, offsets + 1, rest[0][:0], *rest[1:], 10,
               False, 0, False, None), "offsets[0] has to be 0",
              torch_refuses=False)


op("aten::_embedding_bag_backward", aten=aten._embedding_bag_backward.default,
   dtypes=FLOATS + LOW_FLOATS)
