# SPDX-License-Identifier: Apache-2.0
"""Comparisons of complex tensors, which models call by name."""
import torch
from harness import ALL_COMPLEX, COMPLEX, Bad, op

aten = torch.ops.aten


def samples(make):
    for sizes in [(7,), (3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield x, make(*sizes)
            yield x, x
            yield x, torch.where(make(*sizes, dtype=torch.bool), x, 0)
    yield make(2, 1), make(1, 3)
    yield make(3), make(3).real.clone()
    yield make(3), torch.tensor(2, dtype=torch.int64)
    yield make(), make(3)
    yield make(0, 3), make(3)


def bad(make):
    yield (make(2, 3), make(2, 4)), "must match the size of tensor b (4)"
    # PyTorch compiles it for real tensors: they do not come by name.
    yield Bad((make(3).real.clone(), make(3).real.clone()),
              "complex64 and complex128", torch_refuses=False)
    yield (None, make(2)), "self: expected a tensor, got None"
    yield (make(2), None), "other: expected a tensor, got None"


op("aten::ne.Tensor", aten=aten.ne.Tensor, dtypes=ALL_COMPLEX, samples=samples,
   bad=bad, exact=True)
for overload in [aten.logical_and.default, aten.logical_or.default,
                 aten.logical_xor.default]:
    op(overload.name(), aten=overload, dtypes=COMPLEX, samples=samples, bad=bad,
       exact=True)


def with_numbers(make):
    for x in make.layouts(3, 4):
        for number in 0, 2.5, True, 1 + 2j:
            yield x, number
    for number in 0, 0.0, False, 0j, 1:
        yield torch.tensor([0, 1, 1j], dtype=make.dtype), number
    yield make(), 1
    yield make(0), 1.0
    yield torch.tensor([1.0, 2.0]), 1 + 0j


def bad_numbers(make):
    yield (None, 1), "self: expected a tensor, got None"
    yield (make(2), None), "other: expected a number, got None"
    # PyTorch compiles it for real tensors: they do not come by name.
    yield Bad((make(3).real.clone(), 1), "complex64 and complex128",
              torch_refuses=False)


for overload in [aten.eq.Scalar, aten.ne.Scalar]:
    op(overload.name(), aten=overload, dtypes=ALL_COMPLEX, samples=with_numbers,
       bad=bad_numbers, exact=True)
op("aten::div.Scalar", aten=aten.div.Scalar, dtypes=COMPLEX,
   samples=with_numbers, bad=bad_numbers)
