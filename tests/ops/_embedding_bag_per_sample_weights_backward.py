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
    for weight in make.layouts(10, 16):
        for grad in make.layouts(4, 16):
            indices, offsets, to_bag, *_ = bags(make, 0, 7)
            for padding in (-1, 7):
                yield grad, weight, indices, offsets, to_bag, 0, padding
            yield grad, weight, indices, offsets, to_bag[:0], 0, -1
            yield (grad, weight, indices.int(), offsets.int(), to_bag.int(), 0,
                   -1)
    for width in (0, 1, 31, 70):
        yield make(4, width), make(10, width), indices, offsets, to_bag, 0, -1
    none = indices[:0]
    yield make(0, 3), make(5, 3), none, none, none, 0, -1


def bad(make):
    indices, offsets, to_bag, *_ = bags(make, 0, -1)

    def broken(message, grad=make(4, 16), weight=make(10, 16), indices=indices,
               offsets=offsets, to_bag=to_bag, mode=0, refused=True):
        return Bad((grad, weight, indices, offsets, to_bag, mode, -1), message,
                   torch_refuses=refused)

    yield broken("only supported for mode='sum'", mode=1)
    yield broken("grad is Int", grad=make(4, 16).int(),
                 weight=make(10, 16).int())
    yield broken("weight is Double", weight=make(10, 16).double())
    yield broken("weight dim 1: expected 16 as grad has, got 15",
                 weight=make(10, 15))
    # torch reads out of bounds.
    yield broken("indices: index", weight=make(2, 16), refused=False)
    yield broken("offset2bag: index 7 takes the value 3", grad=make(3, 16),
                 refused=False)
    yield broken("offsets: index 7 takes the value 3", grad=make(3, 16),
                 to_bag=to_bag[:0], refused=False)
    yield broken("offset2bag has 11 values", to_bag=to_bag[:11], refused=False)
    yield broken("offsets[1] is 30", to_bag=to_bag[:0], refused=False,
                 offsets=torch.tensor([0, 30]))


op("aoti_torch_cpu__embedding_bag_per_sample_weights_backward",
   aten=aten._embedding_bag_per_sample_weights_backward.default,
   dtypes=FLOATS + LOW_FLOATS)
