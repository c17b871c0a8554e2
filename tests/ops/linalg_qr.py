# SPDX-License-Identifier: Apache-2.0
import math

import torch
from harness import COMPLEX, FLOATS, op

# Sums in another order, over and over: ten times torch.testing's tolerances.
TOLERANCE = {torch.float32: 2e-5, torch.complex64: 2e-5, torch.float64: 1e-11,
             torch.complex128: 1e-11}


def compare(actual, expected, args):
    for mine, theirs in zip(actual, expected):
        if mine.dtype == torch.int32:
            assert torch.equal(mine, theirs)
            continue
        tolerance = TOLERANCE[mine.dtype]
        # Errors are relative to the largest numbers: those are brought to 1.
        largest = theirs.abs().max().item() if theirs.numel() > 0 else 1
        scale = 2.0 ** -math.frexp(largest)[1]
        mine, theirs = mine * scale, theirs * scale
        torch.testing.assert_close(mine, theirs, rtol=tolerance,
                                   atol=tolerance, equal_nan=True,
                                   check_stride=False)


op("aten::linalg_qr", aten=torch.ops.aten.linalg_qr.default,
   dtypes=FLOATS + COMPLEX, compare=compare, recorded=TOLERANCE)


def samples(make):
    for sizes in [(1, 1), (4, 4), (5, 3), (3, 5), (2, 3, 5, 4), (40, 33)]:
        for a in make.layouts(*sizes):
            if 0 in a.stride():  # equal rows: the rest of Q is rounding
                continue
            for mode in ("reduced", "complete", "r"):
                yield a, mode
    # Own loops up to 4 x 4, others up to 32 x 32; zeros, and squares that leave
    # the dtype.
    for sizes in [(16, 16), (2, 32, 32), (17, 9), (9, 20), (33, 8), (8, 33),
                  (64, 64), (50, 64), (64, 40), (65, 8), (8, 65)]:
        for mode in ("reduced", "complete", "r"):
            yield make(*sizes), mode
    # Blocks of reflections. Of wide complex ones the last is a matter of taste.
    for sizes in [(70, 65), (2, 130, 100), (150, 9), (100, 130)]:
        for mode in ("reduced", "complete", "r"):
            if sizes[-2] > sizes[-1] or not make.dtype.is_complex:
                yield make(*sizes), mode
    steep = torch.logspace(0, -20, 70, dtype=make.dtype)
    lost = make(80, 70)
    lost[:, 33] = 0
    # What lies below is nothing beside the diagonal, but not nothing.
    triangle = make(80, 70).triu() + make(80, 70).tril(-1) * 1e-30
    for a in (make(80, 70) * steep, make(80, 70) * 0, lost, triangle,
              make(80, 70) * 1e-36):
        yield a, "reduced"
    hole = make(12, 12)
    hole[:, 5] = 0
    for a in (make(12, 12) * 0, make(12, 12).triu(), hole,
              make(3, 12, 12) * 1e-30, make(12, 12) * 1e25):
        yield a, "complete"
    for sizes in [(2, 2), (3, 3), (2, 3), (4, 2), (5, 3, 3), (4, 1), (1, 4)]:
        for mode in ("reduced", "complete", "r"):
            yield make(*sizes), mode
    for a in (make(4, 4) * 0, make(4, 4).triu(), make(3, 4, 4) * 1e-30,
              make(4, 4) * 1e25):
        yield a, "complete"
    for sizes in [(0, 4, 3), (2, 0, 3), (4, 0), (0, 0)]:
        for mode in ("reduced", "r"):
            yield make(*sizes), mode
    yield make(4, 0), "complete"
    yield make(2, 0, 3), "complete"


def bad(make):
    yield (make(4), "reduced"), "at least 2 dimensions"
    yield (make(4, 4), "economy"), "unrecognized mode 'economy'"
    yield (make(4, 4).half(), "reduced"), "not implemented for 'Half'"
    yield (None, "reduced"), "A: expected a tensor, got None"
