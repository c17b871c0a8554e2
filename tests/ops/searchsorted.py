# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, LOW_FLOATS, Bad, op

aten = torch.ops.aten
ALL = FLOATS + INTEGERS + LOW_FLOATS


def row(make, *sizes):
    return make(*sizes).sort(-1).values


def tensor_samples(make):
    sides = [(False, None), (True, None), (False, "left"), (False, "right"),
             (True, "right")]
    for x in make.layouts(3, 4, 5):
        for right, side in sides:
            yield row(make, 11), x, False, right, side, None
            yield row(make, 3, 4, 6), x, True, right, side, None
    for boundaries in make.layouts(3, 4, 5):
        order = boundaries.argsort(-1)
        for right in (False, True):
            yield boundaries, make(3, 4, 2), False, right, None, order
            yield (boundaries, make(3, 4, 2), True, right, None,
                   order.transpose(0, 1).contiguous().transpose(0, 1))
            # not in order: torch's own path through the middles
            yield boundaries, make(3, 4, 2), False, right, None, None
    yield row(make, 300), make(), False, False, None, None
    yield row(make, 300), make(1000), False, True, None, None
    yield row(make, 0), make(3), False, False, None, None
    yield row(make, 0), make(3), True, True, None, torch.zeros(0).long()
    yield row(make, 3), make(0), False, False, None, None
    yield row(make, 3, 4), make(3, 0), False, False, None, None
    yield row(make, 3, 0), make(3, 2), False, False, None, None
    for other in (torch.int64, torch.float32, torch.float16, torch.bool):
        yield row(make, 9), make(5, dtype=other), False, False, None, None
        yield row(make, 9), make(dtype=other), False, False, None, None
        if other != torch.bool:
            yield (make(9, dtype=other).sort().values, make(5), False, True,
                   None, None)
            yield (make(9, dtype=other).sort().values, make(), False, True,
                   None, None)
    if make.dtype.is_floating_point:
        special = torch.tensor([float("nan"), float("inf"), -float("inf"), 0.0,
                                -0.0, 1.5], dtype=make.dtype)
        for right in (False, True):
            yield row(make, 9), special, False, right, None, None
            yield special.sort().values, special, False, right, None, None
            yield (torch.tensor([1, 2] + [float("nan")] * 4, dtype=make.dtype),
                   special, False, right, None, None)


def scalar_samples(make):
    for value in (0.0, 1.5, -2.25, 1e30, float("nan"), float("inf"), 3.0):
        for right in (False, True):
            yield row(make, 11), value, False, right, None, None
            yield row(make, 11), value, True, False, "left", None
        x = make(7)
        yield x, value, False, False, None, x.argsort()


def bad(make):
    x, values = row(make, 5), make(3)
    order = torch.arange(5)
    yield (x, values, False, True, "left", None), "can't be set to opposites"
    yield (x, values, False, False, "top", None), "only be 'left' or 'right'"
    yield (x, values, False, False, None, order + 1), "out of range"
    yield (x, values, False, False, None, order - 1), "out of range"
    yield (x, values, False, False, None, order.int()), "long dtype"
    yield (x, values, False, False, None, order[:4]), "same size"
    yield (x[None], values, False, False, None, None), "first N-1 dimensions"
    yield ((x.expand(2, 5), make(3, 2), False, False, None, None),
           "first N-1 dimensions")
    yield (x[None], make(), False, False, None, None), "can be a scalar only"
    yield (make(), values, False, False, None, None), "positive dimension"
    yield ((x.bool(), values.bool(), False, False, None, None),
           "not implemented for 'Bool'")
    # torch dereferences the handles.
    yield Bad((None, values, False, False, None, None), "NULL",
              torch_refuses=False)
    yield Bad((x, None, False, False, None, None), "NULL", torch_refuses=False)


def scalar_bad(make):
    yield (row(make, 2, 5), 1.0, False, False, None, None), "a scalar only"
    yield (make(), 1.0, False, False, None, None), "a scalar only"


op("aoti_torch_cpu_searchsorted_Tensor", aten=aten.searchsorted.Tensor,
   samples=tensor_samples, dtypes=ALL, exact=True)
op("aoti_torch_cpu_searchsorted_Scalar", aten=aten.searchsorted.Scalar,
   samples=scalar_samples, bad=scalar_bad, dtypes=ALL, exact=True)
