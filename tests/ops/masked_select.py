# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, FLOAT8, FLOATS, INTEGERS, LOW_FLOATS, Bad,
                     op)

op("aoti_torch_cpu_masked_select", aten=torch.ops.aten.masked_select.default,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS + COMPLEX + BOOL + FLOAT8, exact=True)


def samples(make):
    def mask(*sizes, **options):
        return make(*sizes, dtype=torch.bool, **options)

    for sizes in [(7,), (3, 4), (2, 3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield x, mask(*sizes)
        for m in make.layouts(*sizes, dtype=torch.bool):
            yield make(*sizes), m
    yield make(3, 1, 4), mask(5, 1)
    yield make(4), mask(2, 3, 4)
    yield make(2, 3, 4), mask(4)
    yield make(2, 3, 4), torch.tensor(True)
    yield make(), torch.tensor(True)
    yield make(), torch.tensor(False)
    yield make(), mask(5)
    yield make(0, 4), mask(0, 4)
    yield make(3, 0), mask(3, 1)
    yield make(6), torch.zeros(6, dtype=torch.bool)
    yield make(6), torch.ones(6, dtype=torch.bool)
    yield make(40000), mask(40000)


def bad(make):
    x, mask = make(3, 4), make(3, 4, dtype=torch.bool)
    yield (x, mask.to(torch.uint8)), "expected a mask of bools"
    yield (x, make(3, 5, dtype=torch.bool)), "must match the size"
    yield ((torch.ones(3, dtype=torch.uint16), torch.tensor([True] * 3)),
           "not implemented for 'UInt16'")
    # torch dereferences the handles.
    yield Bad((None, mask), "NULL", torch_refuses=False)
    yield Bad((x, None), "NULL", torch_refuses=False)
