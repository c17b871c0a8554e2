# SPDX-License-Identifier: Apache-2.0
import torch
from harness import Bad, op

op("aoti_torch_cpu__dyn_quant_pack_4bit_weight",
   aten=torch.ops.aten._dyn_quant_pack_4bit_weight.default,
   dtypes=(torch.uint8,), exact=True)


def samples(make):
    f32 = torch.float32
    for bias in (None, make(6, dtype=f32), make(6, dtype=torch.bfloat16),
                 make(2, 3, dtype=f32)):
        yield (make(6, 32, high=256), make(6, 1, dtype=f32), bias, 64, 64, 6)
        yield (make(6, 32, high=256), make(6, 2, dtype=torch.bfloat16), bias,
               32, 64, 6)
    yield make(6, 2, 16, high=256), make(6, 2, dtype=f32), None, 32, 64, 6
    yield (make(6, 32, high=256, layout="transposed"),
           make(6, 2, dtype=torch.float64, layout="transposed"), None, 32, 64,
           6)


def bad(make):
    w, s = make(6, 32), make(6, 1, dtype=torch.float32)
    yield (w.float(), s, None, 64, 64, 6), "expect weight to be kByte"
    yield (w, s, None, 24, 64, 6), "Group size should be multiple of 32"
    yield (w, s, None, 64, 96, 6), "in_features [96]. Provided 64"
    # torch divides by it.
    yield Bad((w, s, None, 0, 64, 6), "Provided 0", torch_refuses=False)
    # torch dereferences the handles.
    yield Bad((None, s, None, 64, 64, 6), "NULL", torch_refuses=False)
    yield Bad((w, None, None, 64, 64, 6), "NULL", torch_refuses=False)
