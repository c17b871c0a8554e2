# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, Bad, op

op("aoti_torch_cpu_slice_Tensor", aten=torch.ops.aten.slice.Tensor, exact=True,
   dtypes=FLOATS + INTEGERS[:1])


def samples(make):
    for x in make.layouts(3, 7, 5):
        for start, end, step in [
                (None, None, 1), (1, None, 2), (None, 4, 3), (-3, -1, 1),
                (2, 2, 1), (5, 2, 1), (0, 2**63 - 1, 2), (-100, 100, 1),
                (-2**63, 3, 1), (9, 12, 1), (0, 7, 7), (0, 7, 8)]:
            yield x, 1, start, end, step
        yield x, -1, 1, 4, 2
    yield make(0, 3), 0, None, None, 1
    yield make(5), 0, 0, 5, 2**62


def bad(make):
    yield (make(), 0, None, None, 1), "cannot be applied to a 0-dim tensor"
    yield (make(3, 4), 2, None, None, 1), "Dimension out of range"
    yield (make(3, 4), 0, None, None, 0), "step must be positive"
    yield (make(3, 4), 0, None, None, -1), "step must be positive"
    # torch computes a stride that overflows.
    yield Bad((make(3, 4), 0, None, None, 2**62), "step of 46116860",
              torch_refuses=False)
    yield Bad((None, 0, None, None, 1), "self is a NULL", torch_refuses=False)
