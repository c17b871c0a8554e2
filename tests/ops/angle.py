# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, FLOAT8, FLOATS, INTEGERS, LOW_FLOATS,
                     UNSIGNED, Bad, op)

op("aoti_torch_cpu_angle", aten=torch.ops.aten.angle.default,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS + UNSIGNED + BOOL + COMPLEX)


def samples(make):
    for sizes in [(7,), (3, 4), (2, 3, 4), (2, 3, 4, 5)]:
        yield from ((x,) for x in make.layouts(*sizes))
    yield make(),
    yield make(0, 3),
    yield make(70000),
    if make.dtype in COMPLEX:
        # Far from one another, and near the ends of the range.
        parts = torch.tensor([1e-30, -1e-5, 0.4, -1.0, 2.5, 1e30, 3e38])
        yield torch.complex(parts.view(-1, 1).expand(7, 7),
                            parts.expand(7, 7)).to(make.dtype).contiguous(),
    if make.dtype in FLOATS + LOW_FLOATS + COMPLEX:
        special = torch.tensor([0.0, -0.0, float("inf"), float("-inf"),
                                float("nan"), -1.0]).to(make.dtype)
        yield special,
        if make.dtype in COMPLEX:
            yield torch.complex(special.real.view(-1, 1).expand(6, 6),
                                special.real.expand(6, 6)),


def bad(make):
    for dtype in FLOAT8 + (torch.complex32,):
        yield (make(2, dtype=dtype),), "\"angle_cpu\" not implemented for"
    yield Bad((None,), "self is a NULL", torch_refuses=False)
