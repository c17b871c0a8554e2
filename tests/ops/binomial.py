# SPDX-License-Identifier: Apache-2.0
import torch
from harness import Bad, op

op("aten::binomial", aten=torch.ops.aten.binomial.default, exact=True, seed=7)


def samples(make):
    for sizes in [(5,), (3, 4), (2, 3, 4, 5)]:
        for count in make.layouts(*sizes, low=0.0, high=60.0):
            yield count.floor(), make(*sizes, low=0.0, high=1.0), None
        for prob in make.layouts(*sizes, low=0.0, high=1.0):
            yield make(*sizes, low=0.0, high=9.0).floor(), prob, None
    for high in (3.0, 100.0, 1e6):
        yield make(300, low=0.0, high=high), make(300, low=0.0, high=1.0), None
    count = make(4, 3, low=1.0, high=9.0).floor()
    yield count, make(3, low=0.0, high=1.0), None
    yield count, make(4, 1, low=0.0, high=1.0), None
    yield count, make(low=0.0, high=1.0), None
    yield count, torch.full((4, 3), float("nan"), dtype=make.dtype), None
    yield count, torch.full((4, 3), 1.5, dtype=make.dtype), None
    yield count[0], make(5, 3, low=0.0, high=1.0), None
    yield count[0], make(3, 5, low=0.0, high=1.0).T, None
    yield -count, make(4, 3, low=0.0, high=1.0), None
    yield make(low=1.0, high=9.0), make(low=0.0, high=1.0), None
    yield make(0, 3), make(0, 3), None


def bad(make):
    half = make(3, low=0.0, high=1.0)
    yield (half.half(), half.half(), None), "not implemented for 'Half'"
    yield (half.int(), half, None), "dtypes for count, got: Int"
    yield (half, half.int(), None), "dtypes for prob, got: Int"
    yield (half, half.double(), None), "Found dtype Double but expected Float"
    yield (half, make(4, low=0.0, high=1.0), None), "must match"
    # torch never returns.
    yield Bad((half * float("nan"), half, None), "got nan",
              torch_refuses=False)
    yield (None, half, None), "count: expected a tensor, got None"
    yield (half, None, None), "prob: expected a tensor, got None"
