# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, FLOAT8, FLOATS, INTEGERS, LOW_FLOATS,
                     UNSIGNED, Bad, op)

aten = torch.ops.aten
REAL = FLOATS + LOW_FLOATS + INTEGERS + UNSIGNED + BOOL
ALL = REAL + COMPLEX + (torch.complex32,)


def samples(make):
    for sizes in [(7,), (3, 4), (2, 3, 4), (2, 3, 4, 5)]:
        layouts = list(make.layouts(*sizes))
        for i, x in enumerate(layouts):
            if make.dtype in FLOAT8 and len(sizes) == 1:
                break  # an expanded element counts as a single one, see below
            yield x, layouts[0]
            yield layouts[-1], x
            yield x, layouts[(i + 2) % len(layouts)]
    for left, right in [((7,), (7,)), ((2, 1), (1, 3)), ((4, 1, 3), (5, 1)),
                        ((0, 3), (1, 3)), ((2, 3, 4, 5), (3, 1, 1)),
                        ((300,), (300,)), ((70000,), (70000,))]:
        yield make(*left), make(*right)
    # Transposed operands are read tile by tile, of up to 4096 columns.
    for sizes in [(5, 9), (40, 33), (70, 1100), (5, 4100)]:
        x, y = make(*sizes), make(*sizes, layout="transposed")
        yield x, y
        yield make(sizes[1] + 3, sizes[0] + 1).t()[1:, 3:], x
        yield make(*sizes, layout="sliced"), y
    yield make(2, 3, 40, 50, layout="channels_last"), make(2, 3, 40, 50)
    yield make(3, 40, 50), make(50, 40).t()
    if make.dtype not in FLOAT8:
        # A single second factor: torch has no kernel for 8-bit floats.
        for sizes in [(), (1,), (1, 1)]:
            yield make(3, 40), make(*sizes)
        yield make(), make()
    yield make(), make(3, 40)
    if make.dtype in INTEGERS + UNSIGNED:
        most = torch.iinfo(make.dtype).max
        x = torch.tensor([most, most - 1, 3]).to(make.dtype) if most < 2**63 \
            else torch.full((3,), -1).to(make.dtype)
        yield x, x
    if make.dtype in FLOAT8 + UNSIGNED:
        return
    for other in (torch.float64, torch.int64, torch.bool, torch.uint8,
                  torch.complex64, torch.bfloat16, torch.float16):
        yield make(2, 3), make(2, 3, dtype=other)
        yield make(3, 2, dtype=other).t(), make(2, 3)
        yield make(60, 30, dtype=other).t(), make(30, 60)
        if torch.bfloat16 in (make.dtype, other) and (
                make.dtype.is_complex or other.is_complex):
            continue  # torch promotes them to what it has no kernels for
        yield make(2, 3), make(dtype=other)
        yield make(dtype=other), make(2, 3)
        yield make(), make(3, dtype=other)


def bad(make):
    yield (make(2, 3), make(2, 4)), "must match the size of tensor b (4)"
    yield ((make(2), make(2, dtype=torch.float8_e5m2)),
           "Promotion for Float8 Types is not supported")
    yield ((make(2, dtype=torch.uint16), make(2, dtype=torch.int32)),
           "Promotion for uint16, uint32, uint64 types is not supported")
    yield ((make(2, dtype=torch.float8_e5m2),
            make(1, dtype=torch.float8_e5m2)), "not implemented for 'Float8")
    yield Bad((None, make(2)), "self is a NULL", torch_refuses=False)
    yield Bad((make(2), None), "other is a NULL", torch_refuses=False)


def samples_scalar(make):
    for sizes in [(), (7,), (3, 4), (2, 3, 4, 5), (0, 2), (300,)]:
        for x in make.layouts(*sizes) if sizes else [make()]:
            yield x, 2.0
            yield x, -0.3
    yield make(5), float("inf")
    yield make(5), float("nan")


def bad_scalar(make):
    yield ((make(2, dtype=torch.float8_e5m2), 1.0),
           "not implemented for 'Float8_e5m2'")
    yield Bad((None, 1.0), "self is a NULL", torch_refuses=False)


op("aoti_torch_cpu_mul_Tensor", aten=aten.mul.Tensor, dtypes=ALL + FLOAT8)
op("aoti_torch_cpu_mul_Scalar", aten=aten.mul.Scalar, dtypes=ALL,
   samples=samples_scalar, bad=bad_scalar)
