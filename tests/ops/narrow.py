# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, Bad, op

for name in ("cpu", "aten"):
    op(f"aoti_torch_{name}_narrow", aten=torch.ops.aten.narrow.default,
       exact=True, dtypes=FLOATS + INTEGERS[:1])


def samples(make):
    for x in make.layouts(3, 4, 5):
        yield x, 1, 1, 2
        yield x, -1, 0, 5
        yield x, 2, -3, 2
        yield x, 0, 3, 0
        yield x, 0, 1, 0
    yield make(0, 3), 0, 0, 0


def bad(make):
    yield (make(), 0, 0, 1), "cannot be applied to a 0-dim tensor"
    yield (make(3, 4), 2, 0, 1), "Dimension out of range"
    yield (make(3, 4), 1, 0, -1), "length must be non-negative"
    yield (make(3, 4), 1, 5, 0), "start out of range"
    yield (make(3, 4), 1, -5, 1), "start out of range"
    yield (make(3, 4), 1, 2, 3), "start (2) + length (3) exceeds dimension"
    yield (make(3, 4), 1, 2, 2**63 - 1), "exceeds dimension size (4)"
    yield Bad((None, 0, 0, 1), "self is a NULL", torch_refuses=False)
