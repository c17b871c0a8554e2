# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, UNSIGNED, Bad,
                     op)

op("aoti_torch_cpu_index_reduce", aten=torch.ops.aten.index_reduce.default,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS + COMPLEX + BOOL + UNSIGNED)


def kinds(dtype):
    """What torch has for the dtype; beyond one dimension and with self, a few
    more dtypes."""
    if dtype in COMPLEX:
        return ("prod", "mean"), False
    if dtype in UNSIGNED or dtype == torch.bool:
        return ("prod", "amax", "amin"), False
    return ("prod", "mean", "amax", "amin"), True


def samples(make):
    reductions, common = kinds(make.dtype)
    for reduce in reductions:
        for include_self in (True, False) if common else (True,):
            for x in list(make.layouts(4, 5, 6))[:None if include_self else 1]:
                for dim in (0, 1, -1):
                    sizes = list(x.shape)
                    sizes[dim] = 7
                    index = make.index(7, below=x.shape[dim])
                    yield x, dim, index, make(*sizes), reduce, include_self
            if include_self:
                for source in make.layouts(3, 4, 5):
                    yield (make(6, 4, 5), 0, make.index(3, below=6).int(),
                           source, reduce, include_self)
            many = 20 if make.dtype.is_complex else 300  # counts wrap
            index = make.index(many, below=2, layout="sliced")
            yield make(2, 3), 0, index, make(many, 3), reduce, include_self
            empty = torch.zeros(0, dtype=torch.int64)
            yield make(3, 2), 0, empty, make(0, 2), reduce, include_self
            yield make(0, 2), 0, empty, make(0, 2), reduce, include_self
            yield (make(3, 0), 0, make.index(2, below=3), make(2, 0), reduce,
                   include_self)
            if not common:
                continue
            yield (make(7), 0, make.index(9, below=7), make(9), reduce,
                   include_self)
            yield make(), 0, torch.tensor([0]), make(), reduce, include_self
            yield make(), -1, torch.tensor(0), make(), reduce, include_self
            if make.dtype.is_floating_point:
                x = make(5, 3)
                x[1] = float("nan")
                x[2] = float("inf")
                source = make(8, 3)
                source[0] = float("nan")
                source[3] = -float("inf")
                index = torch.tensor([0, 0, 1, 2, 3, 3, 1, 2])
                yield x, 0, index, source, reduce, include_self
                yield x[:, 0], 0, index, source[:, 0], reduce, include_self


def bad(make):
    x, index = make(5, 6), torch.tensor([0, 4])
    source = make(2, 6)
    yield (x, 0, index + 1, source, "prod", True), "index out of range in self"
    yield (x, 0, index - 1, source, "prod", True), "index out of range in self"
    yield (x, 0, index, source, "sum", True), "one of prod, mean, amax or amin"
    yield (x, 0, index, make(3, 6), "prod", True), "Number of indices (2)"
    yield (x, 0, index, make(2, 7), "prod", True), "source tensor shape"
    yield (x, 0, index, make(2), "prod", True), "source tensor shape"
    yield (x, 2, index, source, "prod", True), "Dimension out of range"
    yield (x, 0, index[None], source, "prod", True), "supposed to be a vector"
    yield (x, 0, index.short(), source, "prod", True), "int32/int64 for index"
    yield (x, 0, index, source.double(), "prod", True), "same scalar type"
    flags = x.bool(), 0, index, source.bool()
    yield (*flags, "mean", True), "not implemented for 'Bool'"
    yield (*flags, "amax", False), "not implemented for 'Bool'"
    # torch dereferences the handle.
    yield Bad((x, 0, None, source, "prod", True), "NULL", torch_refuses=False)
