# SPDX-License-Identifier: Apache-2.0
import torch
from harness import Bad, Made, Sample, op

QUANTIZED = torch.ops._quantized


def reference(x, packed, bias, channels):
    y = QUANTIZED.wrapped_fbgemm_linear_fp16_weight(
        x, packed, torch.zeros(channels) if bias is None else bias, channels)
    return y


op("aoti_torch_cpu_wrapped_fbgemm_linear_fp16_weight", reference=reference,
   dtypes=(torch.float32,))


def packed(weight):
    return Made("aoti_torch_cpu_wrapped_fbgemm_pack_gemm_matrix_fp16",
                (weight,),
                # PyTorch clamps its argument in place.
                lambda w: QUANTIZED.wrapped_fbgemm_pack_gemm_matrix_fp16(
                    w.clone()))


def samples(make):
    for m in (1, 2, 3, 4, 5, 13, 30):
        for n, k in [(8, 32), (3, 16), (21, 80), (70, 47), (1, 1)]:
            yield make(m, k), packed(make(n, k)), make(n), n
    for x in make.layouts(2, 3, 20):
        yield x, packed(make(7, 20)), make(7), 7
    for weight in make.layouts(7, 20):
        yield make(3, 20), packed(weight), make(7), 7
    yield make(3, 20), packed(make(7, 20)), None, 7
    yield make(3, 20), packed(make(7, 20)), make(1), 7
    yield make(3, 20), packed(make(7, 20)), make(7).half(), 7
    # Beyond the largest float16: what cancels is of the size of 65504.
    yield Sample((make(3, 20), packed(1e5 * make(7, 20)), make(7), 7),
                 rtol=1e-5, atol=0.1)
    yield make(3, 20), packed(1e-6 * make(7, 20)), make(7), 7
    yield make(0, 20), packed(make(7, 20)), make(7), 7


def bad(make):
    x, p, b = make(3, 20), packed(make(7, 20)), make(7)
    yield (x.double(), p, b, 7), "expected scalar type Float but found Double"
    yield (make(20), p, b, 7), "larger than or equal to 2, but is 1"
    yield (make(3, 19), p, b, 7), "is 19, the weight was packed for 20"
    yield (x, p, make(6), 7), "bias must have 7 elements"
    yield (x, p, make(1, 7), 7), "bias must have 7 elements"
    yield (x, torch.zeros(8, dtype=torch.uint8), b, 7), "was not packed by"
    # torch dereferences the handles.
    yield Bad((None, p, b, 7), "NULL", torch_refuses=False)
    yield Bad((x, None, b, 7), "NULL", torch_refuses=False)
