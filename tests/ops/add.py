# SPDX-License-Identifier: Apache-2.0
"""aten::add and aten::subtract. The C functions take numbers as doubles, so
that alpha is a floating point number here, too."""
import torch
from harness import (BOOL, COMPLEX, FLOATS, INTEGERS, LOW_FLOATS,
                     UNSIGNED, Bad, op)

aten = torch.ops.aten
ALL_FLOATS = FLOATS + LOW_FLOATS + COMPLEX + (torch.complex32,)


def pairs(make):
    """Two tensors of the dtype under test, in many layouts."""
    for sizes in [(7,), (3, 4), (2, 3, 4), (2, 3, 4, 5), (2, 3, 2, 3, 2)]:
        layouts = list(make.layouts(*sizes))
        for i, x in enumerate(layouts):
            yield x, layouts[0]
            yield layouts[-1], x
            yield x, x
            yield x, layouts[(i + 2) % len(layouts)]
    for left, right in [((), ()), ((3,), ()), ((), (2, 3)), ((2, 1), (1, 3)),
                        ((4, 1, 3), (5, 1)), ((0, 3), (1, 3)), ((0,), ()),
                        ((1,), (1, 1)), ((2, 3, 4, 5), (3, 1, 1)),
                        ((2, 3, 4, 5), (2, 3, 1, 1)), ((300,), (300,)),
                        ((130, 70), (70,)), ((130, 70), (130, 1))]:
        yield make(*left), make(*right)
    image = make(2, 3, 4, 5, layout="channels_last")
    yield image, make(3, 1, 1)
    yield make(1, 3, 1, 1), image
    yield image, make(4, 5)
    yield make(2, 1, 4, 5, layout="channels_last"), image
    yield make(6, 5).t(), make(6, 5).t()[:, :3].repeat(1, 2)
    yield make(1, 6, 1, 5).transpose(1, 3), make(1)
    yield make(4, 4)[::2, ::2], make(2, 2).t()
    yield make(70000), make(70000)
    yield make(300, 300).t(), make(300, 300)


def samples(make):
    for x, y in pairs(make):
        yield x, y, 1.0
    for alpha in (2.0, -0.5, 0.0):
        yield make(3, 40), make(3, 40), alpha
        yield make(3, 40), make(), alpha
    if make.dtype in FLOATS + LOW_FLOATS:
        special = torch.tensor([0.0, -0.0, float("inf"), float("-inf"),
                                float("nan"), 1.0]).to(make.dtype)
        yield special.view(-1, 1), special.view(1, -1), 1.0
    # Promotion: only a higher kind counts from a 0-d tensor.
    for other in (torch.float64, torch.int64, torch.bool, torch.uint8,
                  torch.complex64, torch.bfloat16, torch.float16):
        yield make(2, 3), make(2, 3, dtype=other), 1.0
        yield make(2, 3, dtype=other, layout="expanded"), make(2, 3), 1.0
        yield make(3, 2, dtype=other).t(), make(2, 3), 1.0
        if make.dtype == torch.bfloat16 and other.is_complex:
            continue  # torch promotes them to what it has no kernels for
        yield make(2, 3), make(dtype=other), 1.0
        yield make(dtype=other), make(2, 3), 1.0


def no_alpha_for(make, other):
    yield (make(2, 3), make(2, 4), 1.0), "must match the size of tensor b (4)"
    whole = make(2, 3, dtype=torch.int64)
    yield (whole, whole, 1.0), "argument alpha must not be a floating point"
    yield (make(2), make(2), 1e300), "without overflow"
    yield ((make(2, dtype=torch.bfloat16), make(dtype=torch.complex64), 1.0),
           "not implemented for 'BComplex32'")
    yield ((make(2, dtype=torch.float8_e5m2),) * 2 + (1.0,),
           "not implemented for 'Float8_e5m2'")
    yield ((make(2), make(2, dtype=torch.float8_e5m2), 1.0),
           "Promotion for Float8 Types is not supported")
    # torch dereferences the handles.
    yield Bad((None, make(2), 1.0), "self is a NULL", torch_refuses=False)
    yield Bad((make(2), None, 1.0), f"{other} is a NULL", torch_refuses=False)


def bad(make):
    yield from no_alpha_for(make, "other")
    mask = make(2, dtype=torch.bool)
    yield (mask, mask, 1.0), "argument alpha must not be a floating point"
    yield ((make(2, dtype=torch.uint16), make(2, dtype=torch.int32), 1.0),
           "Promotion for uint16, uint32, uint64 types is not supported")


def bad_subtract(make):
    yield from no_alpha_for(make, "other")
    mask = make(2, dtype=torch.bool)
    yield (mask, mask, 1.0), "with two bool tensors is not supported"
    yield (make(2), mask, 1.0), "with a bool tensor is not supported"


def samples_subtract(make):
    for i, (x, y, alpha) in enumerate(samples(make)):
        if i % 7 == 0 and torch.bool not in (x.dtype, y.dtype):
            yield x, y, alpha


def samples_scalar(make):
    for sizes in [(), (7,), (3, 4), (2, 3, 4, 5), (0, 2)]:
        for x in make.layouts(*sizes) if sizes else [make()]:
            yield x, 2.0, 1.0
            # A power of two: beside vectors torch rounds the product, too.
            yield x, -0.3, 0.5
    yield make(5), float("inf"), 1.0
    yield make(5), float("nan"), 2.0


def bad_scalar(make):
    yield (make(2), 1.0, 1e300), "without overflow"
    yield ((make(2, dtype=torch.float8_e5m2), 1.0, 1.0),
           "not implemented for 'Float8_e5m2'")
    yield Bad((None, 1.0, 1.0), "self is a NULL", torch_refuses=False)


op("aoti_torch_cpu_add_Tensor", aten=aten.add.Tensor, dtypes=ALL_FLOATS)
op("aoti_torch_aten_subtract_Tensor", aten=aten.subtract.Tensor,
   dtypes=ALL_FLOATS, samples=samples_subtract, bad=bad_subtract)
op("aoti_torch_cpu_add_Scalar", aten=aten.add.Scalar,
   dtypes=ALL_FLOATS + INTEGERS + UNSIGNED + BOOL, samples=samples_scalar,
   bad=bad_scalar)
