# SPDX-License-Identifier: Apache-2.0
import torch
from harness import Bad, op

# The bytes are those of a pointer: nobody can compare them.
op("aoti_torch_cpu__wrapped_linear_prepack",
   aten=torch.ops.aten._wrapped_linear_prepack.default,
   dtypes=(torch.float32,), compare=lambda actual, expected, args: None)


def samples(make):
    scale, zero_point = torch.tensor(0.02), torch.tensor(3)
    for weight in make.layouts(7, 20):
        yield weight, scale, zero_point, make(7)
    yield make(7, 20), scale[None], zero_point[None].float(), make(7).double()
    yield make(7, 20), torch.tensor(0.0), zero_point, make(7)


def bad(make):
    w, b, s, z = make(7, 20), make(7), torch.tensor(0.02), torch.tensor(3)
    yield (w.double(), s, z, b), "Quantize only works on Float Tensor, got"
    yield (w[0], s, z, b), "only packs matrices not vectors"
    yield (w, make(2), z, b), "cannot be converted to Scalar"
    yield (w, s, torch.tensor([1, 2]), b), "cannot be converted to Scalar"
    yield (w, s, torch.tensor(200), b), "above upper bound"
    yield (w, s, torch.tensor(-129), b), "below lower bound"
    yield (w, s, z, make(6)), "bias should have N elements: 7"
    yield (w, s, z, make(1, 7)), "bias should be a vector"
    # torch dereferences the handles.
    yield Bad((None, s, z, b), "NULL", torch_refuses=False)
    yield Bad((w, None, z, b), "NULL", torch_refuses=False)
    yield Bad((w, s, None, b), "NULL", torch_refuses=False)
