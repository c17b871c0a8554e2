# SPDX-License-Identifier: Apache-2.0
import torch
from harness import LOW_FLOATS, Bad, op

# PyTorch packs for the CPU that it runs on.
op("aoti_torch_cpu__weight_int4pack_mm_cpu_tensor",
   aten=torch.ops.quantized.int4mm_packed_weight_cpu.default,
   dtypes=(torch.float32,) + LOW_FLOATS, recorded=False)


def case(make, m, n, k, group):
    weight = torch.ops.aten._convert_weight_to_int4pack_for_cpu(
        make(n, k, dtype=torch.int32, low=0, high=16), 1)
    scales = make(k // group, n, 2, low=-0.02, high=0.02)
    return make(m, k), weight, torch.tensor(group), scales


def samples(make):
    # Blocks of 64 and of 32 columns, and what is left over of either.
    for n in (16, 32, 48, 64, 80, 96, 112, 160):
        for m in (1, 2, 3, 4, 7, 20):
            yield case(make, m, n, 64, 32)
    for group in (32, 64, 128, 256):
        yield case(make, 2, 64, 256, group)
        yield case(make, 20, 48, 256, group)
    yield case(make, 0, 32, 64, 32)
    x, weight, group, scales = case(make, 3, 32, 64, 32)
    yield x, weight, group.reshape(1, 1), scales


def bad(make):
    x, w, g, s = case(make, 3, 48, 64, 32)
    yield (x.double(), w, g, s.double()), "32-bit or 16-bit float"
    yield (x[0], w, g, s), "expect A to be 2D"
    yield (x[None], w, g, s), "expect A to be 2D"
    yield (make(3, 64, layout="transposed"), w, g, s), (
        "expect A to be contiguous")
    yield (x, w.int(), g, s), "expect B to be uint8"
    yield (x, make(48, 32, dtype=torch.uint8, layout="transposed"), g, s), (
        "expect B to be contiguous")
    yield (make(3, 32), w, g, s), "expect B.size(1) to be K/2, got 32"
    yield (x, w[:40].clone(), g, s[:, :40].clone()), "Unsupported n block size"
    yield (x, w, torch.tensor(128), s), "expect K to be divisible by qGroupSize"
    yield (x, w, torch.tensor(16), s), "32, 64, 128 or 256, got 16"
    yield (x, w, g.int(), s), "group size must be int64"
    yield (x, w, torch.tensor([32, 32]), s), "group size must be a scalar"
    yield (x, w, g, s[0].clone()), "3d tensor with sizes [:, 48, 2]"
    yield (x, w, g, s[:, :47].clone()), "3d tensor with sizes [:, 48, 2]"
    yield (x, w, g, s[..., :1].clone()), "3d tensor with sizes [:, 48, 2]"
    yield (x, w, g, s.bfloat16()), "expected scalar type Float but found BFloat"
    # torch reads beyond the end.
    yield Bad((x, w, g, s[:1].clone()), "has 1 groups", torch_refuses=False)
    # torch dereferences the handle.
    yield Bad((None, w, g, s), "NULL", torch_refuses=False)
    yield Bad((x, None, g, s), "NULL", torch_refuses=False)
    yield Bad((x, w, None, s), "NULL", torch_refuses=False)
    yield Bad((x, w, g, None), "NULL", torch_refuses=False)
