# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, FLOAT8, FLOATS, INTEGERS, LOW_FLOATS,
                     UNSIGNED, Bad, op)

aten = torch.ops.aten
ALL = (FLOATS + LOW_FLOATS + INTEGERS + UNSIGNED + BOOL + COMPLEX
       + (torch.complex32,) + FLOAT8)


def samples(make):
    for sizes in [(), (7,), (3, 4), (2, 3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes) if sizes else [make()]:
            yield x, 2.0
    yield make(0, 3), 1.0
    yield make(70000), 1.0
    for count in (63, 257, 1003):
        yield make(count), 1.0
    yield make(5), 3.75
    if make.dtype in FLOATS + LOW_FLOATS + COMPLEX:
        yield make(5), float("inf")
        yield make(5), float("nan")
        yield make(5), -0.0
    if make.dtype in INTEGERS[1:]:
        yield make(5), -0.5
    if make.dtype == torch.uint8:
        yield make(5), 255.9
    if make.dtype in (torch.uint64, torch.int64):
        yield make(5), 2.0**62
    if make.dtype == torch.uint64:
        yield make(5), 2.0**63
    if make.dtype in BOOL:
        yield make(5), 0.0
        yield make(5), float("nan")


def bad(make):
    for dtype, value in [
            (torch.uint8, 256.0), (torch.uint8, -0.5), (torch.int8, 128.0),
            (torch.int8, -128.5), (torch.int64, 2.0**63),
            (torch.uint64, 2.0**64), (torch.int32, float("nan")),
            (torch.int16, float("inf")), (torch.float16, 65505.0),
            (torch.bfloat16, 3.4e38), (torch.float32, 3.5e38),
            (torch.complex64, 1e300), (torch.complex32, 1e300),
            (torch.float8_e4m3fn, 449.0), (torch.float8_e5m2, 1e6),
            (torch.float8_e4m3fnuz, float("inf")),
            (torch.float8_e8m0fnu, -1.0)]:
        yield (make(3, dtype=dtype), value), "without overflow"
    yield (make(3, dtype=torch.float4_e2m1fn_x2), 1.0), "not implemented for"
    yield Bad((None, 1.0), "self is a NULL", torch_refuses=False)


for name in ("cpu", "aten"):
    op(f"aoti_torch_{name}_fill__Scalar", aten=aten.fill_.Scalar, dtypes=ALL,
       outputs=(), exact=True)
