# SPDX-License-Identifier: Apache-2.0
import torch
from harness import Bad, op

# The bytes are those of a pointer: nobody can compare them.
op("aoti_torch_cpu_wrapped_fbgemm_pack_gemm_matrix_fp16",
   reference=torch.ops._quantized.wrapped_fbgemm_pack_gemm_matrix_fp16,
   dtypes=(torch.float32,), compare=lambda actual, expected, args: None)


def samples(make):
    for weight in make.layouts(7, 20):
        yield (weight,)
    yield (make(0, 20),)


def bad(make):
    yield (make(7, 20).double(),), "expected scalar type Float but found Double"
    yield (make(7, 20).half(),), "expected scalar type Float but found Half"
    yield (make(20),), "only packs matrices not vectors"
    yield (make(1, 7, 20),), "only packs matrices not vectors"
    # torch dereferences the handle.
    yield Bad((None,), "NULL", torch_refuses=False)
