# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, LOW_FLOATS, Bad, op


op("aoti_torch_cpu_bucketize_Tensor", aten=torch.ops.aten.bucketize.Tensor,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS, exact=True)


def samples(make):
    boundaries = make(11).sort().values
    for x in make.layouts(3, 4, 5):
        for int32 in (False, True):
            for right in (False, True):
                yield x, boundaries, int32, right
    yield make(), boundaries, False, False
    yield make(0, 3), boundaries, True, False
    yield make(4), boundaries[:0], False, True
    yield make(4), boundaries[::2], False, True
    yield make(1000), make(300).sort().values, False, False
    if make.dtype.is_floating_point:
        x = make(9)
        x[::3] = float("nan")
        x[1::3] = float("inf")
        yield x, boundaries, False, False
        yield x, boundaries, False, True


def bad(make):
    yield (make(3), make(2, 5), False, False), "must be 1 dimension"
    yield (make(3), make(), False, False), "must be 1 dimension"
    yield ((make(3).to(torch.complex64), make(5), False, False),
           "not implemented")
    # torch dereferences the handles.
    yield Bad((None, make(5), False, False), "NULL", torch_refuses=False)
    yield Bad((make(5), None, False, False), "NULL", torch_refuses=False)
