# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, Sample, op

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
    for grad in make.layouts(4, 16):
        for mode in (0, 1, 2):
            for padding in (-1, 7):
                for frequency in (False, True):
                    indices, _, *rest = bags(make, mode, padding)
                    yield (grad, indices, *rest, 10, frequency, mode, None,
                           padding)
        indices, _, *rest = bags(make, 0, 7)
        for scales in make.layouts(12):
            yield grad, indices, *rest, 10, False, 0, scales, -1
            yield grad, indices, *rest, 10, True, 0, scales, 7
        indices, _, *rest = bags(make, 1, -1, torch.int32)
        yield grad, indices, *rest, 12, False, 1, None, -1
    none = torch.zeros(0, dtype=torch.int64)
    yield make(0, 3), none, none, none, none, 5, True, 0, None, -1
    yield (make(2, 3), none, none, torch.zeros(2, dtype=torch.int64), none, 5,
           False, 1, None, -1)
    # Enough for several threads. torch adds up in the order that a sort which
    # is not stable gives.
    indices = make.index(3000, below=50)
    loose = {torch.float16: 1e-2, torch.bfloat16: 0.1}.get(make.dtype, 1e-5)
    yield Sample((make(100, 33), indices, make.index(3000, below=100),
                  torch.full((100,), 30), none, 50, False, 1, None, -1),
                 rtol=loose, atol=loose, exact=False)


def bad(make):
    indices, _, to_bag, sizes, places = bags(make, 0, -1)

    def broken(message, grad=make(4, 16), indices=indices, to_bag=to_bag,
               sizes=sizes, places=places, rows=10, mode=0, scales=None,
               refused=True):
        return Bad((grad, indices, to_bag, sizes, places, rows, False, mode,
                    scales, -1), message, torch_refuses=refused)

    yield broken("grad is Int", grad=make(4, 16).int())
    yield broken("offset2bag has 0 values, expected 12", to_bag=to_bag[:0])
    yield broken("mode is 3", mode=3)
    yield broken("per_sample_weights is Double", scales=make(12).double())
    yield broken("only supported with mode='sum'", mode=1, scales=make(12))
    yield broken("maximum_indices must be", mode=2)
    yield broken("num_weights is -1", rows=-1)
    yield broken("indices is Float", indices=make(12))
    # torch writes out of bounds, or reads them.
    yield broken("indices: index", rows=int(indices.max()), refused=False)
    yield broken("takes the value -1", indices=indices - indices.min() - 1,
                 refused=False)
    yield broken("offset2bag: index 7 takes the value 3", grad=make(3, 16),
                 refused=False)
    yield broken("bag_size has 3 values", sizes=sizes[:3], mode=1,
                 refused=False)
    yield broken("is not in the valid range [0, 3)", mode=2, rows=3,
                 sizes=torch.ones(4, dtype=torch.int64),
                 places=torch.full((4, 16), 3), refused=False)
    yield broken("per_sample_weights of the same size", scales=make(11),
                 refused=False)
    yield broken("grad has 3 dimensions", grad=make(4, 16, 1), refused=False)


op("aoti_torch_cpu__embedding_bag_dense_backward",
   aten=aten._embedding_bag_dense_backward.default, dtypes=FLOATS)
# The 16-bit types are rounded after each product and sum, as torch does.
op("aoti_torch_cpu__embedding_bag_dense_backward",
   aten=aten._embedding_bag_dense_backward.default, dtypes=LOW_FLOATS,
   exact=True, bad=False)
