# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, Bad, op

aten = torch.ops.aten
ALL = FLOATS + INTEGERS + LOW_FLOATS + COMPLEX + BOOL


def cases(make, x, accumulate):
    # Places that come twice keep one value, and torch says not which.
    def some(count, below):
        return make.order(below)[:count]

    a, b = some(4, 5), some(4, 6)
    yield [a], make(4, 6, 7)
    yield [a - 5, b], make(4, 7)
    yield [None, b], make(5, 4, 7)
    yield [a, None, some(4, 7)], make(4, 6)
    yield [None, None, some(3, 7)], make(1, 3)
    yield [a.int()], make(7)
    yield [b[:1] % 5], make()
    yield [make(5, dtype=torch.bool)], make()
    yield [None, make(6, 7, dtype=torch.bool)], make()
    yield [make(5, 6, 7, dtype=torch.bool)], make(1)
    yield [torch.zeros(0, dtype=torch.int64)], make(0, 6, 7)
    yield [a[:, None], b[None]], make(4, 4, 7, layout="sliced")
    if accumulate:
        yield [make.index(30, below=5)], make(30, 6, 7)
        yield [make.index(30, below=5), make.index(30, below=6)], make(30, 7)


def samples(make):
    for x in make.layouts(5, 6, 7):
        if 0 in x.stride():
            continue
        for accumulate in (False, True):
            for indices, values in cases(make, x, accumulate):
                yield x, indices, values, accumulate
    yield make(9), [make.order(9)[:3]], make(3), False
    yield make(0, 3), [torch.zeros(0, dtype=torch.int64)], make(0, 3), False


def out_samples(make):
    for x, *rest in samples(make):
        yield x.clone(), x, *rest


def in_place_samples(make):
    for x, *rest in samples(make):
        yield x, *rest


def bad(make):
    x = make(5, 6)
    yield (x, [torch.tensor([7])], make(), False), \
        "index 7 is out of bounds for dimension 0 with size 5"
    yield (x, [torch.tensor([0, 1])], make(3, 6), False), \
        "value tensor of shape [3, 6] cannot be broadcast"
    yield (x, [torch.tensor([0])], make(6, dtype=torch.int64), False), \
        "dtypes match"
    yield (x, [make(4, dtype=torch.bool)], make(), False), "shape of the mask"
    yield (x, [torch.tensor([1.0])], make(), True), "must be long"


def out_bad(make):
    for arguments, message in bad(make):
        yield (arguments[0].clone(), *arguments), message
    # torch gives the result other sizes, with a warning.
    yield Bad((make(4, 6), make(5, 6), [torch.tensor([0])], make(), False),
              "out dim 0: expected 5, got 4", torch_refuses=False)


# torch sums places that come often in an order of its own.
op("aoti_torch_cpu_index_put", aten=aten.index_put.default, dtypes=ALL)
op("aoti_torch_index_put_out", aten=aten.index_put.out, outputs=(), dtypes=ALL,
   samples=out_samples, bad=out_bad)
