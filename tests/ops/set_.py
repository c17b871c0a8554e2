# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, INTEGERS, Bad, op

op("aoti_torch_cpu_set__source_Tensor",
   aten=torch.ops.aten.set_.source_Tensor, dtypes=FLOATS + INTEGERS[:1]
   + COMPLEX[:1], outputs=(), changes=(0,), exact=True)


def samples(make):
    for x in (make(2, 3), make(), make(0), make(2, 3, 2, 3, 2, 3, 2)):
        for source in make.layouts(2, 3, 4, 5):
            yield x, source
        yield x, make()
        yield x, make(0, 3)
        yield x, make(2, 3, 2, 3, 2, 3, 2)


def bad(make):
    yield Bad((None, make(3)), "self is a NULL", torch_refuses=False)
    yield Bad((make(3), None), "source is a NULL", torch_refuses=False)
