# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, op

ATEN = torch.ops.aten.multinomial.default


def samples(make):
    sizes_of_all = [(5,), (16,), (17,), (1,), (3, 20), (1, 12)]
    if make.dtype in FLOATS:
        # Of equal times, which 16 bits have easily, topk takes any.
        sizes_of_all += [(40, 50), (1, 1000)]
    for sizes in sizes_of_all:
        for p in make.layouts(*sizes, low=0.01, high=1.0):
            yield p, 1
            yield p, min(3, sizes[-1]), False
            yield p, 7, True
    p = make(4, 30, low=0.0, high=5.0)
    p[:, ::3] = 0
    yield p, 1, True
    yield p, 20, False
    yield p, 100, True
    yield make(0, 3), 2
    yield make(0, 3), 5, True


def bad(make):
    p = make(3, 5, low=0.1, high=1.0)
    yield (make(2, 2, 2), 1), "prob_dist must be 1 or 2 dim"
    yield (make(), 1), "prob_dist must be 1 or 2 dim"
    yield (p.long(), 1), "only supports floating-point dtypes for input, got: L"
    yield (p, 0), "cannot sample n_sample <= 0 samples"
    yield (p, 6), "without replacement"
    for value in (-1.0, float("inf"), float("nan")):
        broken = p.clone()
        broken[1, 2] = value
        yield (broken, 2), "contains either `inf`, `nan` or element < 0"
        yield (broken, 2, True), "contains either `inf`, `nan` or element < 0"
    broken = p.clone()
    broken[2] = 0
    yield (broken, 1), "sum of probabilities <= 0"
    yield (broken, 2, True), "sum of probabilities <= 0"
    yield (make(3, 0), 2, True), "no categories"
    yield (p, None), "argument num_samples: expected an integer, got None"


op("aten::multinomial", aten=ATEN, dtypes=FLOATS + LOW_FLOATS, exact=True,
   seed=7)
