# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, Bad, Sample, op

op("aoti_torch_cpu__fft_r2c", aten=torch.ops.aten._fft_r2c.default,
   dtypes=FLOATS)


def close(x, *rest):
    """As for _fft_c2c."""
    largest = max(torch.fft.fftn(x).abs().max().item(), 1.0)
    return Sample((x, *rest), rtol=0,
                  atol=20 * largest * torch.finfo(x.dtype).eps)


def samples(make):
    for n in [1, 2, 3, 4, 5, 6, 8, 15, 16, 26, 61, 64, 67, 128, 134, 135, 400,
              512, 997]:
        for onesided in (True, False):
            yield close(make(n), [0], 0, onesided)
            for rows in (13,):
                yield close(make(rows, n), [1], 1, onesided)
                yield close(make(n, rows), [0], 2, onesided)
    for n in (2310, 3375, 8192, 20014):
        yield close(make(n), [0], 1, True)
        yield close(make(3, n), [1], 0, False)
    # As many rows as a vector has lanes, and one more or less.
    for rows in (8, 15, 16, 17):
        yield close(make(rows, 88), [1], 0, True)
        yield close(make(rows, 2048), [1], 0, False)
    for i, x in enumerate(make.layouts(3, 4, 5, 6)):
        for dims in ([0], [3], [1, 2], [2, 1], [0, 1, 2, 3], [0, 3, 1]):
            for onesided in (True, False):
                yield close(x, dims, i % 3, onesided)
    for x in make.layouts(17, 12):
        yield close(x, [0, 1], 0, True)
        yield close(x, [1, 0], 0, False)
    yield make(0, 4), [1], 0, True
    yield make(0, 4), [1], 0, False
    yield close(make(4, 1, 6).expand(4, 5, 6), [0], 0, True)
    yield close(make(1, 6, 1, 1).expand(4, 6, 5, 3), [1], 0, False)
    # Frames of a short-time transform.
    yield close(make(2, 400).unfold(1, 64, 16), [2], 0, True)


def bad(make):
    yield (make(3, 4), [2], 0, True), "Dimension out of range"
    yield (make(3, 4, dtype=torch.complex64), [1], 0, True), "floating-point"
    yield (make(3, 4, dtype=torch.int64), [1], 0, True), "floating-point"
    yield (make(3, 4, dtype=torch.float16), [1], 0, True), "type: Half"
    yield (make(3, 4, dtype=torch.bfloat16), [1], 0, True), "type: BFloat16"
    yield (make(3, 0), [1], 0, True), "Invalid number of data points (0)"
    # torch transforms twice along one dimension.
    yield Bad((make(3, 4), [1, 1], 0, True), "appears twice",
              torch_refuses=False)
    # torch reads before the beginning of the list.
    yield Bad((make(3, 4), [], 0, True), "at least one dimension",
              torch_refuses=False)
    # torch dereferences the handle.
    yield Bad((None, [1], 0, True), "NULL", torch_refuses=False)
