# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, CPU, FLOAT8, FLOATS, INTEGERS, LOW_FLOATS,
                     NO_DEVICE, UNSIGNED, Bad, op)

op("aoti_torch_aten_full", aten=torch.ops.aten.full.default, exact=True,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS + UNSIGNED + BOOL + COMPLEX
   + (torch.complex32,) + FLOAT8)


def samples(make):
    for sizes in [[], [3], [2, 3, 4], [0, 2], [70000]]:
        yield sizes, 2.0, make.dtype, None, NO_DEVICE, None
    yield [2, 3], 3.5, None, torch.strided, CPU, False


def bad(make):
    yield ([2, -1], 1.0, None, None, NO_DEVICE, None), "negative"
    yield ([2], 300.0, torch.uint8, None, NO_DEVICE, None), "without overflow"
    yield ([2**40, 2**40], 1.0, None, None, NO_DEVICE, None), "too large"
