# SPDX-License-Identifier: Apache-2.0
import torch
from harness import BOOL, FLOATS, INTEGERS, LOW_FLOATS, Bad, op


def samples(make):
    def few(*sizes):
        return make(*sizes, low=0, high=4).round()

    for sizes in [(7,), (3, 4), (2, 3, 4, 5), (2, 70), (16, 17)]:
        for x in make.layouts(*sizes):
            for dim in {-1, 0, len(sizes) // 2}:
                yield x, dim, dim == 0
        for dim in range(len(sizes)):
            if make.dtype != torch.bool:
                yield few(*sizes), dim, False
    # Several rows at a time, and rows that are left over.
    for width in (1, 2, 9, 15, 16, 31, 32, 33, 65):
        if make.dtype != torch.bool:
            yield few(21, width), 1, False
    if make.dtype in INTEGERS:
        limits = torch.iinfo(make.dtype)
        yield few(9, 12).clamp(0, 1) * limits.max, 1, False
        yield few(9, 12).clamp(0, 1) * limits.min, 1, False
    yield make(2000), 0, False
    yield make(), 0, False
    yield make(), -1, True
    yield make(0, 3), 1, False
    if make.dtype.is_floating_point:
        x = few(20, 16)
        x[::3] = float("nan")
        x[1::5] = float("nan")
        x[:, ::7] = -0.0
        yield x, 1, False
        yield torch.full((3, 5), float("nan"), dtype=make.dtype), 1, False


def bad(make):
    yield (make(3, 4), 2, False), "Dimension out of range"
    yield (make(3, 0), 1, False), "to have non-zero size"
    yield (make(3).to(torch.complex64), 0, False), "not implemented"
    # torch dereferences the handle.
    yield Bad((None, 0, False), "NULL", torch_refuses=False)


def most(actual, expected, args):
    """Up to 16 elements torch sorts by insertion, and the place is known; of
    more, it is that of any element with the value."""
    x, dim, keep = args
    torch.testing.assert_close(actual[0], expected[0], rtol=0, atol=0,
                               equal_nan=True, check_stride=False)
    if x.dim() == 0 or x.shape[dim] <= 16:
        assert torch.equal(actual[1], expected[1])
        return
    places = actual[1] if keep else actual[1].unsqueeze(dim)
    values = actual[0] if keep else actual[0].unsqueeze(dim)
    assert torch.equal(torch.gather(x, dim, places), values)


op("aoti_torch_cpu_mode", aten=torch.ops.aten.mode.default,
   dtypes=FLOATS + INTEGERS + LOW_FLOATS + BOOL, compare=most)
