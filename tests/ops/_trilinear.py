# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, INTEGERS, LOW_FLOATS, Bad, op

trilinear = torch.ops.aten._trilinear.default
op("aoti_torch_cpu__trilinear", aten=trilinear,
   dtypes=FLOATS + COMPLEX + (torch.int64,))
# torch sums small integers of one operand as int64, which then does not fit.
op("aoti_torch_cpu__trilinear", aten=trilinear, dtypes=INTEGERS[:4], bad=False,
   samples=lambda make: (
       (make(5, 3), make(6, 3, 4), make(5, 4), *BILINEAR, unroll)
       for unroll in range(4)))
# What is rounded to 16 bits before the second product differs by a step where
# the sums before it were taken in another order.
op("aoti_torch_cpu__trilinear", aten=trilinear, dtypes=LOW_FLOATS, rtol=2e-2,
   atol=5e-2, bad=False)

BILINEAR = [1, 3], [0], [1, 2], [2, 3]


def samples(make):
    x, w, y = make(5, 3), make(6, 3, 4), make(5, 4)
    for unroll in range(4):
        yield x, w, y, *BILINEAR, unroll
    for first in make.layouts(5, 3):
        for weight in make.layouts(6, 3, 4):
            yield first, weight, y, *BILINEAR, 1
    for last in make.layouts(5, 4):
        yield x, w, last, *BILINEAR, 1
    # Sums over other dimensions: gradients of bilinear among them.
    for dims in ([], [0], [1], [0, 1], [1, 3], [0, 2, 3], [0, 1, 2, 3], [-1]):
        for unroll in (0, 1, 3):
            yield x, w, y, [1, 3], [0], [1, 2], dims, unroll
    grad = make(5, 6)
    yield grad, w, y, [2, 3], [0], [1, 2], [1, 3], 1
    yield grad, x, y, [2, 3], [1, 3], [1, 2], [0], 1
    yield x, grad, w, [1, 3], [2, 3], [0], [1, 2], 2
    # The same dimensions for all; operands of one dimension.
    yield x, x, x, [], [], [], [], 0
    yield x, x, x, [], [], [], [1], 0
    yield x, x, x, [], [], [], [0, 1], 1
    yield make(), x, x, [0, 1], [], [], [1], 0
    yield x, make(), x, [], [1, 0], [], [0], 1
    # Sizes of 1 broadcast where the last operand has more.
    yield make(1, 3), w, y, *BILINEAR, 1
    yield x, make(6, 1, 4), y, *BILINEAR, 1
    yield x, make(6, 3, 1), y, *BILINEAR, 1
    # More dimensions than one in each part of a product.
    a, b, c = make(2, 3, 4, 2), make(4, 2, 3, 2), make(2, 3, 3)
    yield a, b, c, [4, 5], [0, 1], [2, 3, 5], [2, 3], 0
    yield (a.permute(1, 0, 3, 2), b.transpose(0, 1), c.transpose(0, 1), [4, 5],
           [0, 1], [2, 3, 5], [2, 3], 5)
    # Nothing to add.
    yield make(0, 3), w, make(0, 4), *BILINEAR, 1
    yield make(5, 0), make(6, 0, 4), y, *BILINEAR, 1
    yield x, make(0, 3, 4), y, *BILINEAR, 1
    if make.dtype in FLOATS:
        yield make(40, 20), make(3, 20, 30), make(40, 30), *BILINEAR, 1


def bad(make):
    x, w, y = make(5, 3), make(6, 3, 4), make(5, 4)
    for unroll in (4, -1):
        yield (x, w, y, *BILINEAR, unroll), "unroll_dim must be in [0,3]"
    yield (x, w, y, [1, 1], [0], [1, 2], [2, 3], 1), (
        "dim 1 appears multiple times in the list of dims")
    yield (x, w, y, [1, 7], [0], [1, 2], [2, 3], 1), (
        "Dimension out of range (expected to be in range of [-4, 3], but got 7")
    yield (x, w, y, [1, 3], [0], [1, 2], [2, 9], 1), "Dimension out of range"
    yield (x, w, make(6, 4), *BILINEAR, 1), (
        "non-broadcast dimensions must match, got 6 and 5 in dimension 0")
    yield (make(5, 7), w, y, *BILINEAR, 1), (
        "non-broadcast dimensions must match, got 3 and 7 in dimension 2")
    yield (x, w, make(1, 4), *BILINEAR, 1), (
        "output with size 1 in dimension 0 doesn't match the broadcast size 5")
    yield (make(1, 3), w, y, *BILINEAR, 0), "which is unrolled"
    yield (x, w.double(), y, *BILINEAR, 1), (
        "expected scalar type Float but found Double of i2")
    yield (x, w, y.double(), *BILINEAR, 1), (
        "expected scalar type Float but found Double of i3")
    flags = [make(*t.shape, dtype=torch.bool) for t in (x, w, y)]
    yield (*flags, *BILINEAR, 1), "\"bmm\" not implemented for 'Bool'"
    # torch computes something without elements.
    yield Bad((x, w, y, [1, 3], [0, 1], [1, 2], [2, 3], 1),
              "number of dimensions must match: i2 has 3 and 2 more, expected "
              "4", torch_refuses=False)
    # torch dereferences the handle.
    yield Bad((x, None, y, *BILINEAR, 1), "i2 is a NULL handle",
              torch_refuses=False)
