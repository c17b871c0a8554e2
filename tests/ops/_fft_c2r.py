# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, Bad, Sample, op

op("aten::_fft_c2r", aten=torch.ops.aten._fft_c2r.default, dtypes=COMPLEX)


def close(x, *rest):
    """As for _fft_c2c; the missing half doubles the sums."""
    largest = max(torch.fft.fftn(x).abs().max().item(), 1.0)
    return Sample((x, *rest), rtol=0,
                  atol=40 * largest * torch.finfo(x.dtype).eps)


def samples(make):
    for n in [1, 2, 3, 4, 5, 6, 8, 15, 16, 26, 61, 64, 67, 128, 134, 135, 400,
              512, 997]:
        yield close(make(n // 2 + 1), [0], 0, n)
        for rows in (13,):
            yield close(make(rows, n // 2 + 1), [1], 1, n)
            yield close(make(n // 2 + 1, rows), [0], 2, n)
    for n in (2310, 3375, 8192, 20014):
        yield close(make(n // 2 + 1), [0], 1, n)
        yield close(make(3, n // 2 + 1), [1], 0, n)
    for i, x in enumerate(make.layouts(3, 4, 5, 6)):
        for dims in ([0], [3], [1, 2], [2, 1], [0, 1, 2, 3], [0, 3, 1]):
            half = x.shape[dims[-1]]
            for n in (2 * half - 2, 2 * half - 1):
                yield close(x, dims, i % 3, n)
    yield make(0, 4), [1], 0, 6


def bad(make):
    # torch uses the memory behind its list of sizes.
    yield Bad((make(3, 4), [2], 0, 6), "Dimension out of range",
              torch_refuses=False)
    yield (make(3, 4, dtype=torch.float32), [1], 0, 6), "complex"
    yield (make(3, 4).to(torch.complex32), [1], 0, 6), "ComplexHalf"
    yield (make(3, 4), [1], 0, 9), "last_dim_size 9"
    # torch returns a tensor without elements.
    yield Bad((make(3, 4), [1], 0, 0), "last_dim_size 0", torch_refuses=False)
    # torch has the number by the type of its argument.
    yield Bad((make(3, 4), [1], 0, None), "last_dim_size: expected an integer")
    yield Bad((None, [1], 0, 6), "self: expected a tensor")
