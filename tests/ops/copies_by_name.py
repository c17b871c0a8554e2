# SPDX-License-Identifier: Apache-2.0
"""What makes or fills tensors of complex numbers, by name."""
import torch
from harness import COMPLEX, FLOATS, INTEGERS, Bad, op

aten = torch.ops.aten
DTYPES = COMPLEX + FLOATS


def copy(make):
    for x in make.layouts(3, 4, 5):
        yield x, make(3, 4, 5), False
        yield x, make(5), True
    yield make(4, 6)[:, ::2], make(), False
    yield make(3), make(3, dtype=torch.float64), False
    yield make(), make(), False
    yield make(0, 3), make(3), False


def bad_copy(make):
    yield (make(3), make(4), False), "doesn't match the broadcast shape"
    yield (make(3), make(2, 3), False), "doesn't match the broadcast shape"
    yield Bad((None, make(3), False), "self: expected a tensor, got None",
              torch_refuses=False)
    # PyTorch crashes.
    yield Bad((make(3), None, False), "src: expected a tensor, got None",
              torch_refuses=False)


op("aten::copy", aten=aten.copy.default, dtypes=DTYPES, samples=copy,
   bad=bad_copy, exact=True)


def in_place(make):
    for x in make.layouts(3, 4, 5):
        if 0 not in x.stride():
            yield x, make(3, 4, 5), False
            yield x, make(5), True
    yield make(3), make(3, dtype=torch.float64), False
    yield make(), make(), False
    yield make(0, 3), make(3), False
    x = make(4, 4)
    yield x, x, False


def bad_in_place(make):
    yield (make(3), make(4), False), "doesn't match the broadcast shape"
    yield ((make(1).expand(3), make(3), False),
           "refers to a single memory location")
    yield Bad((None, make(3), False), "self: expected a tensor, got None",
              torch_refuses=False)


op("aten::copy_", aten=aten.copy_.default, dtypes=DTYPES, samples=in_place,
   bad=bad_in_place, exact=True, outputs=["Tensor"])


def slice_scatter(make):
    for x in make.layouts(3, 4, 5):
        yield x, make(3, 2, 5), 1, 1, 3, 1
        yield x, make(3, 2, 5), 1, None, None, 2
        yield x, make(3, 4, 1), -1, -1, 2**63 - 1, 1
        yield x, make(0, 4, 5), 0, 2, 1, 1


def bad_slice_scatter(make):
    yield (make(3, 4), make(3, 3), 1, 0, 2, 1), "equal to the slice of self"
    yield (make(3, 4), make(3), 1, 0, 1, 1), "equal to the slice of self"
    yield (make(3, 4), make(3, 4), 1, 0, 4, 0), "step must be positive"
    yield (make(3), make(3), 1, 0, 3, 1), "Dimension out of range"
    yield (None, make(3), 0, 0, 3, 1), "self: expected a tensor, got None"


op("aten::slice_scatter", aten=aten.slice_scatter.default, dtypes=DTYPES,
   samples=slice_scatter, bad=bad_slice_scatter, exact=True)


def repeat(make):
    for x in make.layouts(2, 3):
        yield x, [2, 3]
        yield x, [2, 1, 3]
        yield x, [0, 2]
    yield make(), [3]
    yield make(), []
    yield make(0, 2), [3, 1]


def bad_repeat(make):
    yield (make(2, 3), [2]), "can not be smaller than number of dimensions"
    yield (make(2), [-1]), "negative dimension"
    yield (make(2), [2**62, 2**62]), "dimension 1 is too large"
    yield (None, [1]), "self: expected a tensor, got None"


op("aten::repeat", aten=aten.repeat.default, dtypes=DTYPES, samples=repeat,
   bad=bad_repeat, exact=True)


def resize(make):
    for x in make.layouts(3, 4):
        yield x, [3, 4], None
        yield x, [2, 3], None
        yield x, [4, 3], torch.contiguous_format
    yield make(1, 2, 3, 4), [1, 3, 2, 2], torch.channels_last
    yield make(3), [], None
    yield make(0), [0, 2], None


def bad_resize(make):
    yield (make(3), [-1], None), "negative size of -1"
    yield (None, [1], None), "self: expected a tensor, got None"


op("aten::resize", aten=aten.resize.default, dtypes=DTYPES, samples=resize,
   bad=bad_resize, exact=True)


# ---- New tensors -------------------------------------------------------------


def any_values(actual, expected, args):
    """Memory is not initialised."""


def empty(make):
    for size in [], [3], [2, 0], [2, 3, 4]:
        yield size, make.dtype, None, None, None, None
        yield size, None, None, None, None, torch.contiguous_format
    yield ([2, 3, 4, 5], make.dtype, torch.strided, torch.device("cpu"), False,
           torch.channels_last)
    yield [2, 3, 4, 5, 6], make.dtype, None, None, None, torch.channels_last_3d


def bad_empty(make):
    yield ([2, -1], make.dtype, None, None, None, None), "sizes [2, -1]"
    yield (([2, 3], make.dtype, None, None, None, torch.channels_last),
           "required rank 4 tensor")
    yield (None, make.dtype), "size: expected a list of integers, got None"


op("aten::empty.memory_format", aten=aten.empty.memory_format, dtypes=DTYPES,
   samples=empty, bad=bad_empty, compare=any_values, recorded=False)


def strided(make):
    for size, stride in ([], []), ([3], [2]), ([2, 3], [1, 2]), ([2, 0], [9, 9]):
        yield size, stride, make.dtype, None, None, None
        yield size, stride, None, None, None, None


def bad_strided(make):
    yield ([2, 3], [1], None, None, None, None), "must match dimensionality"
    yield ([2, -3], [1, 1], None, None, None, None), "sizes [2, -3]"
    yield (None, [1], None, None, None, None), "size: expected a list"


op("aten::empty_strided", aten=aten.empty_strided.default, dtypes=DTYPES,
   samples=strided, bad=bad_strided, compare=any_values, recorded=False)
op("aten::new_empty_strided", aten=aten.new_empty_strided.default,
   dtypes=DTYPES, samples=lambda make: ((make(2), *s) for s in strided(make)),
   bad=lambda make: [((make(2), [2, 3], [1], None), "must match"),
                     ((None, [2], [1], None), "self: expected a tensor")],
   compare=any_values, recorded=False)


def numbers(make):
    for number in 3, 2.5, True:
        yield number, make.dtype, None, None, None
    yield 1 + 2j, torch.complex128, None, None, None
    yield 2.5, None, None, None, None
    yield 2**63 - 1, torch.int64, None, None, None
    yield -1, torch.uint16, None, None, None


def bad_numbers(make):
    yield (1 + 2j, torch.float32, None, None, None), "without overflow"
    yield (300, torch.uint8, None, None, None), "300 cannot be converted"
    yield (-256, torch.uint8, None, None, None), "-256 cannot be converted"
    yield (None, torch.float32, None, None, None), "s: expected a number"


op("aten::scalar_tensor", aten=aten.scalar_tensor.default,
   dtypes=COMPLEX, samples=numbers, bad=bad_numbers, exact=True)


def pad(make):
    for x in make.layouts(3, 4, 5):
        yield x, [1, 2], 0
        yield x, [1, 0, -1, 2], 2.5
        yield x, [-1, -1, 0, -2], 1
    yield make(0, 3), [1, 1], True
    yield make(2, 3), [], 0
    yield make(2, 3), [1, 0]
    if make.dtype in COMPLEX:
        yield make(2, 3), [1, 0], 1 + 2j
    if make.dtype == torch.int64:
        for value in 2**53 + 1, 2**63 - 1, -2**63:
            yield make(3), [1, 2], value
    # No element is made of what is only taken away from.
    yield make(3, dtype=torch.int32), [-1, 0], 2**40
    yield make(3, dtype=torch.uint8), [1, 0], -1


def bad_pad(make):
    yield (make(3), [1, 1, 1, 1], 0), "padding length 4 and input of dimension 1"
    yield (make(3), [1], 0), "must be divisible by 2, got 1"
    yield (make(3), [-4, 0], 0), "the negative padding -4"
    yield (None, [1, 1], 0), "self"
    yield (make(3).real.clone(), [1, 1], 1 + 1j), "without overflow"
    yield (make(3, dtype=torch.uint8), [1, 1], 300), "cannot be converted to type"


op("aten::constant_pad_nd", aten=aten.constant_pad_nd.default,
   dtypes=DTYPES + INTEGERS,
   samples=pad, bad=bad_pad, exact=True)
