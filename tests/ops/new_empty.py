# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, CPU, FLOAT8, FLOATS, INTEGERS, LOW_FLOATS,
                     NO_DEVICE, UNSIGNED, Bad, op)

aten = torch.ops.aten
ALL = (FLOATS + LOW_FLOATS + INTEGERS + UNSIGNED + BOOL + COMPLEX
       + (torch.complex32, torch.float4_e2m1fn_x2) + FLOAT8)


def samples(make):
    for sizes in [[], [3], [2, 3, 4], [0, 2]]:
        if make.dtype == torch.float4_e2m1fn_x2 and 0 in sizes:
            continue  # torch clears memory, but has no kernel for none of it
        yield make(2, 3), sizes, None, None, NO_DEVICE, None
    yield make(2, 3, 4, 5, layout="channels_last"), [2, 3, 4, 5], None, None, \
        CPU, False
    yield make(), [2, 3], torch.int16, torch.strided, CPU, False


def bad(make):
    yield (make(2), [2, -1], None, None, NO_DEVICE, None), "negative"
    yield Bad((None, [2], None, None, NO_DEVICE, None), "self is a NULL",
              torch_refuses=False)


def geometry_only(actual, expected, args):
    """The elements are whatever the memory has."""


op("aoti_torch_aten_new_empty", aten=aten.new_empty.default, dtypes=ALL,
   compare=geometry_only)
op("aoti_torch_aten_new_zeros", aten=aten.new_zeros.default, dtypes=ALL,
   exact=True)
