# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, FLOAT8, FLOATS, INTEGERS, LOW_FLOATS,
                     UNSIGNED, Bad, op)

ALL = (FLOATS + INTEGERS + LOW_FLOATS + COMPLEX + FLOAT8 + BOOL + UNSIGNED
       + (torch.complex32, torch.float4_e2m1fn_x2))

op("aoti_torch_clone", reference=lambda x: x.clone(), dtypes=ALL, exact=True)


def samples(make):
    for sizes in [(5,), (3, 4), (2, 3, 4), (2, 3, 4, 5), (1, 1, 3, 1),
                  (2, 3, 2, 3, 2), (70, 45)]:
        for x in make.layouts(*sizes):
            yield x,
    yield make(),
    yield make(0, 3),
    yield make(3, 0, layout="transposed"),
    yield make(2, 1, 2, 1, 2, 3, 2),


def bad(make):
    # torch dereferences the handle.
    yield Bad((None,), "NULL", torch_refuses=False)
