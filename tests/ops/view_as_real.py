# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, Bad, op

for name in ("cpu_", ""):
    op(f"aoti_torch_{name}view_as_real",
       aten=torch.ops.aten.view_as_real.default, exact=True,
       dtypes=COMPLEX + (torch.complex32,))


def samples(make):
    for sizes in [(3,), (3, 4), (2, 3, 4, 5)]:
        yield from ((x,) for x in make.layouts(*sizes))
    yield make(),
    yield make(0, 2),


def bad(make):
    yield (make(2, dtype=torch.float32),), "only supported for complex tensors"
    yield Bad((None,), "self is a NULL", torch_refuses=False)
