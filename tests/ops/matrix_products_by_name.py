# SPDX-License-Identifier: Apache-2.0
"""Sums with matrix products of complex numbers, which models call by name."""
import torch
from harness import COMPLEX, FLOATS, INTEGERS, op

aten = torch.ops.aten


def samples_of(batch, total):
    def samples(make):
        for a in make.layouts(*batch, 3, 4):
            for b in make.layouts(*batch, 4, 5):
                yield make(5), a, b, 1, 1
        out = [*total, 3, 5]
        a, b = make(*batch, 3, 4), make(*batch, 4, 5)
        yield make(*out), a, b, 2, 3
        yield make(), a, b, 0, 1
        yield make(*out), a, b, 2, True
        yield make(*out), a, b, 1, 0
        yield make(*out), make(*batch, 3, 0), make(*batch, 0, 5), 2, 1
    return samples


def bad_of(batch, sizes_message):
    def bad(make):
        a, b = make(*batch, 3, 4), make(*batch, 4, 5)
        yield (make(5), a, a, 1, 1), sizes_message
        yield (make(6), a, b, 1, 1), "The expanded size of the tensor (5)"
        yield (make(5), a[0], b, 1, 1), "must be"
        yield (None, a, b, 1, 1), "self: expected a tensor, got None"
    return bad


for overload, batch, total, sizes_message in [
        (aten.addmm.default, [], [], "cannot be multiplied (3x4 and 3x4)"),
        (aten.baddbmm.default, [2], [2], "first two dimensions of batch2"),
        (aten.addbmm.default, [2], [], "Incompatible matrix sizes for bmm")]:
    op(overload.name(), aten=overload, dtypes=COMPLEX + FLOATS + INTEGERS,
       samples=samples_of(batch, total), bad=bad_of(batch, sizes_message),
       # Sums of products, in another order.
       rtol=1e-5, atol=1e-5)
