# SPDX-License-Identifier: Apache-2.0
import torch
from harness import LOW_FLOATS, Bad, op

op("aoti_torch_cpu__weight_int8pack_mm",
   aten=torch.ops.aten._weight_int8pack_mm.default,
   dtypes=(torch.float32,) + LOW_FLOATS)


def scales(make, count):
    return make(count, low=0.001, high=0.02)


def samples(make):
    # PyTorch's kernel for bfloat16 reads vectors only: k is a multiple of 16.
    for m in (1, 2, 3, 4, 5, 13, 30):
        for n, k in [(8, 32), (3, 16), (21, 80), (70, 48)]:
            yield (make(m, k), make(n, k, dtype=torch.int8, low=-128, high=128),
                   scales(make, n))
    if make.dtype != torch.bfloat16:
        for k in (1, 7, 33):
            yield (make(3, k), make(9, k, dtype=torch.int8), scales(make, 9))
            yield (make(14, k), make(9, k, dtype=torch.int8), scales(make, 9))
        yield (make(5, 32, layout="offset"), make(8, 32, dtype=torch.int8),
               scales(make, 8))
    wide = make(3, 64)[:, :32]  # rows that are further apart
    yield wide, make(8, 32, dtype=torch.int8), scales(make, 8)
    yield make(0, 32), make(8, 32, dtype=torch.int8), scales(make, 8)


def bad(make):
    x, w, s = make(3, 16), make(8, 16, dtype=torch.int8), scales(make, 8)
    f64 = make(3, 16, dtype=torch.float64)
    yield (f64, w, s), "expect A to be either 32-bit or 16-bit float"
    yield (make(16), w, s), "expect A to be 2D"
    yield (make(1, 3, 16), w, s), "expect A to be 2D"
    yield (make(3, 16, layout="transposed"), w, s), (
        "A must be contiguous on the last dimension")
    yield (x, make(8, 16), s), "expect B to be int8"
    yield (x, make(8, 16, dtype=torch.int8, layout="transposed"), s), (
        "expect B to be contiguous")
    yield (x, make(8, 8, dtype=torch.int8), s), "expect B.size(1) == 16, got 8"
    yield (x, w, scales(make, 7)), "expect scales to be 1d tensor with size 8"
    yield (x, w, make(8, 1)), "expect scales to be 1d tensor with size 8"
    yield (x, w, make(8, dtype=torch.bfloat16)), (
        "expected scalar type Float but found BFloat16")
    # torch dereferences the handle.
    yield Bad((None, w, s), "NULL", torch_refuses=False)
    yield Bad((x, None, s), "NULL", torch_refuses=False)
    yield Bad((x, w, None), "NULL", torch_refuses=False)
