# SPDX-License-Identifier: Apache-2.0
import torch
from harness import Bad, op

ATEN = torch.ops.aten
op("aoti_torch_cpu__dyn_quant_matmul_4bit",
   aten=ATEN._dyn_quant_matmul_4bit.default,
   dtypes=(torch.float32, torch.bfloat16), exact=True)


def packed(make, n, k, group, bias=False):
    return ATEN._dyn_quant_pack_4bit_weight(
        make(n, k // 2, dtype=torch.uint8, high=256),
        make(n, k // group, dtype=torch.float32, low=0.001, high=0.1),
        make(n, dtype=torch.float32) if bias else None, group, k, n)


def samples(make):
    for m, n, k in [(1, 6, 64), (3, 6, 64), (7, 33, 30), (2, 5, 2), (4, 70, 160)]:
        for bias in (False, True):
            yield make(m, k), packed(make, n, k, k, bias), k, k, n
            if make.dtype == torch.float32 and k % 32 == 0:
                yield make(m, k), packed(make, n, k, 32, bias), 32, k, n
    # PyTorch reads any input as if it were row-major.
    yield (make(3, 64, layout="offset"), packed(make, 6, 64, 64), 64, 64, 6)
    for low, high in [(0.5, 3.0), (-3.0, -0.5), (0.0, 1e-30), (-1e30, 1e30)]:
        yield (make(3, 64, low=low, high=high), packed(make, 6, 64, 64), 64,
               64, 6)
    yield torch.zeros(3, 64, dtype=make.dtype), packed(make, 6, 64, 64), 64, 64, 6
    yield make(0, 64), packed(make, 6, 64, 64), 64, 64, 6
    yield make(3, 64), packed(make, 6, 64, 64).double(), 64, 64, 6


def bad(make):
    x, p = make(3, 64), packed(make, 6, 64, 64)
    groups = packed(make, 6, 64, 32)
    yield (x.half(), p, 64, 64, 6), "expect input to be float32 or bfloat16"
    yield (x.bfloat16(), groups, 32, 64, 6), "expect input to be float32"
    yield (x, groups, 16, 64, 6), "Group size should be multiple of 32"
    yield (x, p[:-1].clone(), 64, 64, 6), "Invalid packed weight tensor size"
    yield (x, torch.cat([p, p[:3]]), 64, 64, 6), "Invalid packed weight"
    yield (x, p[None], 64, 64, 6), "packed_weights has 2 dimensions"
    # torch takes what it finds.
    for other in (x[0], x[None], make(3, 62)):
        yield Bad((other, p, 64, 64, 6), "expect input to be 2D with 64 columns",
                  torch_refuses=False)
    # torch divides by it.
    yield Bad((x, p, 0, 64, 6), "Provided 0", torch_refuses=False)
    # torch dereferences the handles.
    yield Bad((None, p, 64, 64, 6), "NULL", torch_refuses=False)
    yield Bad((x, None, 64, 64, 6), "NULL", torch_refuses=False)
