# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, CPU, FLOATS, INTEGERS, LOW_FLOATS,
                     NO_DEVICE, op)


def zeros(sizes, dtype, layout, device, pin_memory):
    """What such a tensor stands for; it has no memory itself."""
    return torch.zeros(sizes, dtype=dtype)


op("aoti_torch_cpu__efficientzerotensor", reference=zeros, exact=True,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS + BOOL + COMPLEX)


def samples(make):
    for sizes in [[], [3], [2, 3, 4], [0, 2], [70000]]:
        yield sizes, make.dtype, None, NO_DEVICE, None
    yield [2, 3], None, torch.strided, CPU, False


def bad(make):
    yield ([2, -1], None, None, NO_DEVICE, None), "negative"
    yield ([2**40, 2**40], None, None, NO_DEVICE, None), "too large"
