# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, Bad, Sample, op

op("aoti_torch_cpu__fft_c2c", aten=torch.ops.aten._fft_c2c.default,
   dtypes=COMPLEX)
# Its older name.
op("aoti_torch__fft_c2c", aten=torch.ops.aten._fft_c2c.default,
   dtypes=(torch.complex64,), samples=lambda make: [(make(3, 4), [1], 0, True)],
   bad=False)


def close(x, *rest):
    """Sums of n terms in another order: the error is that of the largest
    result, not of each. The tolerance is 20 roundings of it."""
    largest = max(torch.fft.fftn(x).abs().max().item(), 1.0)
    return Sample((x, *rest), rtol=0,
                  atol=20 * largest * torch.finfo(x.dtype).eps)


def samples(make):
    # Each radix, products of them, primes by convolution, lengths that go in
    # four steps alone and side by side.
    for n in [1, 2, 3, 4, 5, 7, 8, 11, 13, 16, 17, 30, 61, 64, 67, 77, 101, 128,
              169, 240, 256, 512, 997, 1024]:
        yield close(make(n), [0], 0, True)
        yield close(make(13, n), [1], 0, True)
        yield close(make(n, 13), [0], 2, False)
    for n in (2310, 4096, 10007):
        yield close(make(n), [0], 1, True)
        yield close(make(3, n), [1], 0, False)
        yield close(make(n, 9), [0], 0, True)
    # As many rows as a vector has lanes, and one more or less.
    for rows in (7, 8, 9, 15, 16, 17, 31, 32):
        yield close(make(rows, 44), [1], 0, True)
        yield close(make(44, rows), [0], 0, False)
    # Passes of radix 8 with other ones around them.
    for n in (1024, 2048, 3072, 4096, 8192):
        yield close(make(16, n), [1], 0, True)
        yield close(make(n), [0], 0, False)
    for i, x in enumerate(make.layouts(3, 4, 5, 6)):
        for dims in ([0], [3], [1, 2], [2, 1], [0, 1, 2, 3], [3, 0]):
            yield close(x, dims, i % 3, i % 2 == 0)
    for x in make.layouts(17, 12):
        yield close(x, [0, 1], 0, True)
        yield close(x, [1], 2, False)
    yield make(3, 4), [], 0, True
    yield make(0, 4), [1], 0, True
    yield make(3, 0), [1], 0, True
    yield make(2, 300, 3).expand(2, 300, 3), [1], 0, True
    yield close(make(4, 1, 6).expand(4, 5, 6), [0], 0, True)
    yield close(make(1, 1, 6).expand(4, 5, 6), [2], 0, True)
    yield close(make(1, 6, 1).expand(4, 6, 5), [1], 0, True)
    yield close(make(1, 6, 1, 1).expand(4, 6, 5, 3), [1], 0, True)
    yield close(make(30, 70), [0, 1], 1, True)


def bad(make):
    yield (make(3, 4), [2], 0, True), "Dimension out of range"
    # torch transforms twice along one dimension.
    yield Bad((make(3, 4), [1, 1], 0, True), "appears twice",
              torch_refuses=False)
    yield (make(3, 4, dtype=torch.float32), [1], 0, True), "complex"
    yield (make(3, 4).to(torch.complex32), [1], 0, True), "ComplexHalf"
    # torch scales by 1 / n for any number but 0 and 1.
    yield Bad((make(3, 4), [1], 3, True), "normalization", torch_refuses=False)
    # torch dereferences the handle.
    yield Bad((None, [1], 0, True), "NULL", torch_refuses=False)
