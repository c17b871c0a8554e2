# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, INTEGERS, Bad, op

op("aoti_torch_cpu_reshape", aten=torch.ops.aten.reshape.default, exact=True,
   dtypes=FLOATS + INTEGERS[:1] + COMPLEX[:1]
   + (torch.float8_e5m2, torch.float4_e2m1fn_x2))


def samples(make):
    for x in make.layouts(2, 3, 4, 6):
        for shape in ([144], [-1], [6, 24], [2, 3, 24], [6, 4, 6], [2, 12, 6],
                      [2, 1, 3, 4, 6], [2, 3, 2, -1, 3, 2], [1, 144, 1],
                      [2, 3, 4, 6], [3, 2, 4, 6], [2, 3, 4, 6, 1],
                      [1, 1, 2, 3, 4, 6]):
            yield x, shape
    yield make(), []
    yield make(), [1, 1]
    yield make(1, 1), []
    yield make(1, 5).expand(3, 5), [15]
    yield make(5, 1).expand(5, 3), [15]
    yield make(5, 1).expand(5, 4), [5, 2, 2]
    yield make(0, 3), [3, 0]
    yield make(0, 3), [0, 3]
    yield make(3, 0), [-1, 3]
    yield make(3, 0), [0, 7, 2]


def bad(make):
    yield (make(2, 3), [5]), "shape '[5]' is invalid for input of size 6"
    yield (make(2, 3), [-1, 4]), "is invalid for input of size 6"
    yield (make(2, 3), [-1, -1]), "only one dimension can be inferred"
    yield (make(2, 3), [-2, 3]), "invalid shape dimension -2"
    yield (make(0, 3), [-1, 0]), "is ambiguous"
    yield (make(2, 3), [-1, 0]), "is invalid for input of size 6"
    yield (make(2, 3), [2**33, 2**33]), "is invalid for input of size 6"
    yield Bad((None, [1]), "self is a NULL", torch_refuses=False)
