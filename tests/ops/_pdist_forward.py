# SPDX-License-Identifier: Apache-2.0
import math

import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu__pdist_forward", aten=torch.ops.aten._pdist_forward.default,
   dtypes=FLOATS)
# No distances, no kernel.
op("aoti_torch_cpu__pdist_forward", aten=torch.ops.aten._pdist_forward.default,
   dtypes=LOW_FLOATS, bad=False,
   samples=lambda make: [(make(1, 4), 2.0), (make(0, 4), 2.0),
                         (make(3, 0), 2.0)])


def samples(make):
    for p in (0.0, 0.5, 1.0, 1.5, 2.0, 2.7, 3.0, 4.0, math.inf, -1.0,
              -math.inf):
        for rows, width in ((2, 1), (5, 3), (32, 4), (33, 9), (34, 8), (70, 20),
                            (4, 100)):
            yield make(rows, width), p
        yield make(7, 3, layout="offset"), p
        yield make(1, 4), p
        yield make(0, 4), p
        yield make(5, 0), p
        yield torch.cat([make(3, 2), torch.zeros(2, 2, dtype=make.dtype)]), p
        odd = make(6, 3)
        odd[1, 1], odd[4, 0] = math.nan, math.inf
        yield odd, p


def bad(make):
    yield (make(5, 4, layout="transposed"), 1.0), (
        "_pdist_forward requires contiguous input")
    yield (make(5, 4).half(), 1.0), "\"pdist\" not implemented for 'Half'"
    yield (make(5), 1.0), "pdist only supports 2D tensors, got: 1D"
    # torch takes the first two dimensions for all.
    yield Bad((make(2, 3, 4), 1.0), "pdist only supports 2D tensors, got: 3D",
              torch_refuses=False)
    # torch dereferences the handle.
    yield Bad((None, 1.0), "self is a NULL handle", torch_refuses=False)
