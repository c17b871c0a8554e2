# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, FLOAT8, FLOATS, INTEGERS, LOW_FLOATS,
                     UNSIGNED, Bad, op)

op("aoti_torch_cpu_cat", aten=torch.ops.aten.cat.default, exact=True,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS + UNSIGNED + BOOL + COMPLEX
   + (torch.complex32, torch.float4_e2m1fn_x2) + FLOAT8)


def samples(make):
    if make.dtype == torch.float4_e2m1fn_x2:
        # torch has no kernel for them along other dimensions.
        yield [make(3, 4), make(2, 4)], 0
        return
    for sizes in [(5,), (3, 4), (2, 3, 4), (2, 3, 4, 5), (2, 3, 2, 3, 2)]:
        layouts = list(make.layouts(*sizes))
        for dim in range(-len(sizes), len(sizes)):
            for x in layouts if dim >= 0 else layouts[:2]:
                yield [x, x], dim
            yield layouts, dim
            other = list(sizes)
            other[dim] = 1
            yield [layouts[0], make(*other), layouts[-1]], dim
    yield [make(0), make(2, 3)], 1
    yield [make(2, 3), make(0), make(2, 1)], -1
    yield [make(0), make(0)], 0
    yield [make(0)], 5
    yield [make(2, 0), make(2, 3)], 1
    yield [make(2, 0), make(2, 0)], 0
    yield [make(3)], 0
    image = make(2, 3, 4, 5, layout="channels_last")
    yield [image, make(0)], 1
    yield [make(0), image], 1
    yield [image, make(2, 3, 4, 5)], 1
    yield [image, make(2, 1, 4, 5, layout="channels_last")], 1
    yield [make(200, 300), make(200, 300), make(200, 5)], 1
    if make.dtype in FLOAT8 + UNSIGNED:
        return
    for other in (torch.float64, torch.int64, torch.bool, torch.complex64,
                  torch.bfloat16):
        yield [make(2, 3), make(2, 3, dtype=other)], 1
        yield [make(0, dtype=other), make(2, 3)], 0


def bad(make):
    yield ([], 0), "expected a non-empty list of Tensors"
    yield ([make()], 0), "zero-dimensional tensor (at position 0)"
    yield ([make(2, 3), make(2, 2)], 0), "Expected size 3 but got size 2"
    yield ([make(2, 3), make(2)], 0), "same number of dimensions: got 2 and 1"
    yield ([make(2, 3), make(2, 3)], 2), "Dimension out of range"
    yield ([make(0), make(2, 3)], -3), "Dimension out of range"
    yield ([make(2, dtype=torch.uint16), make(2, dtype=torch.int16)], 0), \
        "Promotion for uint16, uint32, uint64 types is not supported"
    yield Bad(([make(2), None], 0), "NULL", torch_refuses=False)
