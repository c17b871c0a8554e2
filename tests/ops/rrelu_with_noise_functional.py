# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, op

ATEN = torch.ops.aten.rrelu_with_noise_functional.default


def inference(make):
    for sizes in ((), (5,), (3, 17), (2, 3, 4, 5), (0, 3)):
        for x in make.layouts(*sizes):
            yield x, make(*sizes), 0.1, 0.3, False
            yield x, make(*sizes), 1, 3
    x = make(9)
    x[0], x[1], x[2] = float("nan"), float("inf"), -float("inf")
    yield x, make(9), 0.5, 0.1, False
    yield x, make(9).half()


def samples(make):
    yield from inference(make)
    for sizes in ((), (5,), (16,), (17,), (3, 20), (2, 3, 4, 5), (0, 3)):
        for x in make.layouts(*sizes):
            yield x, make(*sizes), 0.1, 0.3, True
        for noise in make.layouts(*sizes):
            if 0 not in noise.stride():
                yield make(*sizes), noise, -1.0, 2, True
    x = make(9)
    x[0] = float("nan")
    yield x, make(9), 0.25, 0.25, True


def bad(make):
    yield ((make(3, 4), make(4, 4), 0.1, 0.3, True),
           "self.shape = [3, 4] noise.shape = [4, 4]")
    yield (make(3), make(3).double(), 0.1, 0.3, True), "but found Double"
    yield (make(3), make(3), 0.5, 0.3, True), "from=0.5 > to=0.3"
    yield (make(3), make(3), 0.5, float("inf"), True), "out of bounds"
    yield (make(3).half(), make(3).half(), 0.1, 0.3, True), "'Half'"
    yield (make(3).long(), make(3).long(), 0.1, 0.3, False), "'Long'"


op("aten::rrelu_with_noise_functional", aten=ATEN,
   dtypes=FLOATS + (torch.bfloat16,), exact=True, seed=7)
op("aten::rrelu_with_noise_functional", aten=ATEN, dtypes=(torch.float16,),
   samples=inference, exact=True, bad=False)
