# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_masked_scatter", aten=torch.ops.aten.masked_scatter.default,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS + COMPLEX + BOOL, exact=True)


def samples(make):
    def mask(*sizes, **options):
        return make(*sizes, dtype=torch.bool, **options)

    for sizes in [(7,), (3, 4), (2, 3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield x, mask(*sizes), make(*sizes)
        for m in make.layouts(*sizes, dtype=torch.bool):
            yield make(*sizes), m, make(1000)
        for source in make.layouts(*sizes):
            yield make(*sizes), mask(*sizes), source
    yield make(3, 1, 4), mask(5, 1), make(60)
    yield make(4), mask(2, 3, 4), make(24)
    yield make(2, 3, 4), mask(4), make(24)
    yield make(2, 3, 4), torch.tensor(True), make(24)
    yield make(), torch.tensor(True), make()
    yield make(), torch.tensor(False), make(0)
    yield make(0, 4), mask(0, 4), make(0)
    yield make(6), torch.zeros(6, dtype=torch.bool), make(1)
    yield make(6), torch.ones(6, dtype=torch.bool), make(6)


def bad(make):
    x, mask = make(3, 4), torch.ones(3, 4, dtype=torch.bool)
    yield (x, mask, make(11)), "Number of elements of source"
    yield (x, mask.to(torch.uint8), make(12)), "expected a mask of bools"
    yield (x, make(3, 5, dtype=torch.bool), make(15)), "must match the size"
    yield (x, mask, make(12).half()), "same dtypes"
    yield ((x.to(torch.uint16), mask, x.to(torch.uint16)),
           "not implemented for 'UInt16'")
    # torch dereferences the handle.
    yield Bad((x, mask, None), "NULL", torch_refuses=False)
