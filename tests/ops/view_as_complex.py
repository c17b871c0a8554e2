# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, Bad, op

op("aoti_torch_cpu_view_as_complex",
   aten=torch.ops.aten.view_as_complex.default, exact=True,
   dtypes=FLOATS + (torch.float16,))


def samples(make):
    yield make(2),
    yield make(3, 2),
    yield make(3, 4, 2).transpose(0, 1),
    yield make(6, 2)[2:4],
    yield make(3, 4)[:, 2:4],
    yield make(1, 3)[:, :2],
    yield make(4, 2)[:, None].expand(4, 3, 2),
    yield make(0, 2),


def bad(make):
    yield (make(2, dtype=torch.int32),), "only supported for half, float"
    yield (make(2, dtype=torch.complex64),), "view_as_complex"
    yield (make(),), "one or more dimensions"
    yield (make(2, 3),), "last dimension of size 2"
    yield (make(2, 3).t(),), "last dimension with stride 1"
    yield (make(2, 3)[:, :2],), "stride divisible by 2"
    yield (make(2, 4)[:, 1:3],), "storage_offset divisible by 2"
    yield Bad((None,), "self is a NULL", torch_refuses=False)
