# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, Bad, op

aten = torch.ops.aten
ALL = FLOATS + INTEGERS + LOW_FLOATS + COMPLEX + BOOL


def inputs(make):
    for sizes in [(7,), (3, 4), (2, 3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield torch.where(make(*sizes, dtype=torch.bool), x, x - x
                              if x.dtype != torch.bool else x)
            yield x
    yield (make(4, 3, 257) > 1).to(make.dtype) if not make.dtype.is_complex \
        else make(4, 3, 257)
    yield make()
    yield make() ^ make() if make.dtype == torch.bool else make() * 0
    yield make(0, 3)
    yield make(3, 0)


def samples(make):
    for x in inputs(make):
        yield x,


def static_samples(make):
    for x in inputs(make):
        for size in (0, 3, 200):
            yield x, size, -1


def bad(make):
    # torch dereferences the handle.
    yield Bad((None,), "NULL", torch_refuses=False)


def static_bad(make):
    yield (make(3), -1, 0), "non-negative"


op("aoti_torch_cpu_nonzero", aten=aten.nonzero.default, dtypes=ALL, exact=True)
op("aoti_torch_nonzero", aten=aten.nonzero.default, dtypes=ALL, exact=True)
op("aoti_torch_cpu_nonzero_static", aten=aten.nonzero_static.default,
   dtypes=ALL, samples=static_samples, bad=static_bad, exact=True)
