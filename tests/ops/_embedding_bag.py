# SPDX-License-Identifier: Apache-2.0
import torch
from harness import Bad, FLOATS, LOW_FLOATS, op

aten = torch.ops.aten


def samples(make):
    for weight in make.layouts(10, 16):
        indices = make.index(12, below=10)
        offsets = torch.tensor([0, 3, 3, 7])
        scales = make(12)
        for mode in (0, 1, 2):
            for padding in (-1, int(indices[1])):
                for last in (False, True):
                    # torch's kernels differ where the last bag ends if that
                    # is not with the indices.
                    ends = torch.tensor([0, 3, 3, 7, 12]) if last else offsets
                    yield (weight, indices, ends, False, mode, False, None,
                           last, padding)
        yield weight, indices, offsets, False, 0, False, scales, False, -1
        yield weight, indices, offsets, False, 0, False, scales, False, 4
        yield (weight, indices.int(), offsets.int(), False, 1, False, None,
               False, -1)
    weight = make(5, 3)
    none = torch.zeros(0, dtype=torch.int64)
    yield weight, none, torch.tensor([0, 0]), False, 0, False, None, False, -1
    yield weight, none, none, False, 1, False, None, False, -1


def bad(make):
    weight, some = make(5, 3), torch.tensor([0, 1])
    zero = torch.tensor([0])

    def call(indices=some, offsets=zero, mode=0, scales=None, last=False):
        return weight, indices, offsets, False, mode, False, scales, last, -1

    yield (call(torch.tensor([0, 7])),
           "Index 1 of input takes value 7 which is not in the valid range")
    yield call(torch.tensor([-1])), "takes value -1"
    yield call(offsets=torch.tensor([1])), "offsets[0] has to be 0"
    yield call(offsets=torch.tensor([0, 5])), "input's length 2"
    # With one thread torch takes falling offsets.
    yield Bad(call(offsets=torch.tensor([0, 2, 1])), "less than the 2",
              torch_refuses=torch.get_num_threads() > 1)
    yield call(mode=3), "`mode` must be"
    yield call(mode=1, scales=make(2)), "only supported with mode='sum'"
    yield call(scales=make(2).double()), "per_sample_weights is Double"


for symbol, aten_op in (
        ("aoti_torch_cpu__embedding_bag", aten._embedding_bag.default),
        ("aoti_torch_cpu__embedding_bag_forward_only",
         aten._embedding_bag_forward_only.default),
        ("aoti_torch__embedding_bag", aten._embedding_bag.default)):
    op(symbol, aten=aten_op, dtypes=FLOATS + LOW_FLOATS)
