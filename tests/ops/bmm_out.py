# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, Bad, Sample, op

DTYPES = FLOATS + LOW_FLOATS + INTEGERS + COMPLEX

for symbol in ("aoti_torch_cpu_bmm_out", "aoti_torch_bmm_out"):
    op(symbol, aten=torch.ops.aten.bmm.out, dtypes=DTYPES)


def samples(make):
    for b, m, k, n in [(2, 3, 4, 5), (1, 1, 1, 1), (3, 1, 20, 33),
                       (2, 7, 9, 1), (0, 2, 3, 4), (2, 0, 3, 4), (2, 3, 0, 4),
                       (2, 3, 4, 0), (5, 17, 8, 20)]:
        yield make(b, m, n), make(b, m, k), make(b, k, n)
    for left in make.layouts(3, 6, 10):
        for right in make.layouts(3, 10, 20):
            yield make(3, 6, 20), left, right
    for out in make.layouts(2, 9, 11):
        if 0 not in out.stride():
            yield out, make(2, 9, 5), make(2, 5, 11)
    if make.dtype.is_floating_point:
        # Attention: heads beside each other in a row.
        heads = make(1, 40, 12, 16).transpose(1, 2).squeeze(0)
        keys = make(1, 40, 12, 16).permute(0, 2, 3, 1).squeeze(0)
        yield make(12, 40, 40), heads, keys
        long = make(2, 70, 50), make(2, 70, 400), make(2, 400, 50)
        # Sums of 400: rounding in another order is larger than assert_close's
        # absolute bound for float32.
        yield (Sample(long, rtol=1e-5, atol=5e-5)
               if make.dtype == torch.float32 else long)
    if make.dtype == torch.bfloat16:
        yield (make(3, 5, 19), make(3, 5, 34),
               make(3, 19, 34).transpose(1, 2))
        yield make(3, 30, 70), make(3, 30, 40), make(1, 40, 70).expand(3, 40, 70)


def bad(make):
    yield (make(2, 3, 5), make(2, 3), make(2, 4, 5)), (
        "batch1 must be a 3D tensor")
    yield (make(2, 3, 5), make(2, 3, 4), make(4, 5)), (
        "batch2 must be a 3D tensor")
    yield (make(2, 3, 5), make(2, 3, 4), make(3, 4, 5)), (
        "Expected size for first two dimensions of batch2 tensor to be: "
        "[2, 4] but got: [3, 4].")
    yield (make(2, 3, 5), make(2, 3, 4), make(2, 3, 5)), (
        "[2, 4] but got: [2, 3].")
    yield (make(2, 3, 5), make(2, 3, 4), make(2, 4, 5, dtype=torch.float64)), (
        "expected scalar type Float but found Double")
    yield (make(2, 3, 5, dtype=torch.float64), make(2, 3, 4), make(2, 4, 5)), (
        "Expected out tensor to have dtype float, but got double instead")
    flags = [make(*s, dtype=torch.bool)
             for s in ((2, 3, 5), (2, 3, 4), (2, 4, 5))]
    yield flags, "\"bmm\" not implemented for 'Bool'"
    # torch resizes the output, which belongs to the model here.
    yield Bad((make(2, 3, 4), make(2, 3, 4), make(2, 4, 5)),
              "out has sizes [2, 3, 4], expected [2, 3, 5]",
              torch_refuses=False)
