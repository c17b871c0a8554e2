# SPDX-License-Identifier: Apache-2.0
import torch
from harness import Bad, op

op("aoti_torch_cpu__int_mm_out", aten=torch.ops.aten._int_mm.out,
   dtypes=(torch.int8, torch.uint8), exact=True)


def out(*sizes):
    return torch.full(sizes, 77, dtype=torch.int32)


def samples(make):
    low, high = (0, 256) if make.dtype == torch.uint8 else (-128, 128)

    def left(*sizes, **options):
        return make(*sizes, low=low, high=high, **options)

    def right(*sizes, **options):
        return make(*sizes, dtype=torch.int8, low=-128, high=128, **options)

    for self in make.layouts(6, 10, low=low, high=high):
        for mat2 in make.layouts(10, 20, dtype=torch.int8, low=-128, high=128):
            yield out(6, 20), self, mat2
    # One to more than a tile of rows, columns around whole panels, an odd K.
    for m in (1, 2, 4, 5, 6, 7, 12, 13, 25):
        for n in (1, 8, 15, 33):
            yield out(m, n), left(m, 9), right(9, n)
            yield out(m, n), left(m, 40), right(40, n, layout="transposed")
    # More than a block of K, of rows.
    yield out(3, 20), left(3, 2500), right(2500, 20)
    yield out(7, 17), left(7, 2501), right(2501, 17, layout="transposed")
    yield out(100, 40), left(100, 30), right(30, 40)
    yield out(3, 4), left(3, 1), right(1, 4)
    # The largest sums.
    extreme = torch.full((4, 64), low, dtype=make.dtype)
    yield out(4, 5), extreme, torch.full((64, 5), -128, dtype=torch.int8)
    yield out(3, 4), left(3, 0), right(0, 4)
    yield out(0, 4), left(0, 3), right(3, 4)
    yield out(3, 0), left(3, 5), right(5, 0)


def bad(make):
    def right(*sizes):
        return make(*sizes, dtype=torch.int8)

    yield (out(3, 4), make(3, 5, 1), right(5, 4)), (
        "Expected self to be of dimension 2 but got 3")
    yield (out(3, 4), make(3, 5), right(5)), (
        "Expected mat2 to be of dimension 2 but got 1")
    yield (out(3, 4), make(3, 5), right(6, 4)), (
        "self.size(1) needs to match mat2.size(0) but got 5 and 6")
    yield (out(3, 4), make(3, 5).int(), right(5, 4)), (
        "Expected self dtype to be int8 or uint8 but got int")
    yield (out(3, 4), make(3, 5), right(5, 4).byte()), (
        "Expected mat2 dtype to be of type int8 but got u8")
    yield (out(3, 4).float(), make(3, 5), right(5, 4)), (
        "Expected result dtype to be of type kInt but got float")
    yield (out(3, 5), make(3, 5), right(5, 4)), (
        "out has sizes [3, 5], expected [3, 4]")
    yield (out(4, 3).t(), make(3, 5), right(5, 4)), (
        "Expected result to be contiguous.")
    # torch dereferences the handle.
    yield Bad((out(3, 4), None, right(5, 4)), "self is a NULL handle",
              torch_refuses=False)
