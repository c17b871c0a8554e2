# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, FLOAT8, FLOATS, INTEGERS, LOW_FLOATS,
                     UNSIGNED, Bad, op)

op("aoti_torch_cpu_abs", aten=torch.ops.aten.abs.default,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS + COMPLEX + (torch.complex32,)
   + tuple(d for d in FLOAT8 if d != torch.float8_e8m0fnu))


def samples(make):
    for sizes in [(7,), (3, 4), (2, 3, 4), (2, 3, 4, 5), (2, 3, 2, 3, 2)]:
        yield from ((x,) for x in make.layouts(*sizes))
    yield make(),
    yield make(0, 3),
    yield make(70000),
    if make.dtype in INTEGERS:
        yield torch.tensor([torch.iinfo(make.dtype).min,
                            torch.iinfo(make.dtype).max], dtype=make.dtype),
    if make.dtype in FLOATS + LOW_FLOATS + COMPLEX:
        special = torch.tensor([0.0, -0.0, float("inf"), float("-inf"),
                                float("nan"), -1e30]).to(make.dtype)
        yield special,
        if make.dtype in COMPLEX:
            yield torch.complex(special.real * 1e-30, special.real * 1e8),
            yield torch.complex(special.real.view(-1, 1).expand(6, 6),
                                special.real.expand(6, 6)),


def bad(make):
    for dtype in BOOL + UNSIGNED + (torch.float8_e8m0fnu,
                                    torch.float4_e2m1fn_x2):
        yield (make(2, dtype=dtype),), "\"abs_cpu\" not implemented for"
    yield Bad((None,), "self is a NULL", torch_refuses=False)
