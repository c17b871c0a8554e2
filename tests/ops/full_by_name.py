# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, INTEGERS, op

op("aten::full", aten=torch.ops.aten.full.default,
   dtypes=COMPLEX + FLOATS + INTEGERS, exact=True)


def samples(make):
    for size in [], [3], [2, 0], [2, 3, 4]:
        yield size, 3, make.dtype
        yield size, True, make.dtype
        yield size, 2.5, None
        yield size, 7, None
        yield size, False, None
        yield size, 1.5 + 2j, None
    yield [2], 1.5 + 2j, torch.complex128
    yield [2], float("inf"), torch.float32
    for value in 2**53 + 1, 2**63 - 1, -2**63:
        yield [3], value, torch.int64
        yield [3], value, None
    yield [3], -1, torch.uint8
    yield [3], 300, torch.bool


def bad(make):
    yield ([2, -1], 1.0, None), "sizes [2, -1]"
    yield ([2], 1 + 2j, torch.float32), "without overflow"
    yield ([2], 300, torch.uint8), "300 cannot be converted to type"
    yield ([2], -256, torch.uint8), "cannot be converted to type"
    yield ([2], float("nan"), torch.int64), "nan cannot be converted to type"
    yield (None, 1.0, None), "size: expected a list of integers, got None"
    yield ([2], None, None), "fill_value: expected a number, got None"
