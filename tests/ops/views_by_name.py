# SPDX-License-Identifier: Apache-2.0
"""Views of complex tensors, which models call by name."""
import torch
from harness import COMPLEX, FLOATS, Bad, op

aten = torch.ops.aten
DTYPES = COMPLEX + FLOATS


def view(overload, samples, bad, **options):
    op(overload.name(), aten=overload, dtypes=DTYPES, samples=samples, bad=bad,
       exact=True, **options)


def select(make):
    for x in make.layouts(3, 4, 5):
        yield x, 0, 2
        yield x, -1, -5
    yield make(3), 0, 1


def bad_select(make):
    yield (make(), 0, 0), "cannot be applied to a 0-dim tensor"
    yield (make(3), 0, 3), "index 3 out of range"
    yield (make(3), 0, -4), "index -4 out of range"
    yield (make(3), 1, 0), "Dimension out of range"
    yield (None, 0, 0), "self: expected a tensor, got None"


view(aten.select.int, select, bad_select)


def diagonal(make):
    for x in make.layouts(3, 4, 5):
        for offset in (0, 1, -1, 3, -2, 9, -9):
            yield x, offset, 0, 1
            yield x, offset, -1, 0
            yield x, offset, 1, 2
    yield make(0, 3), 1, 0, 1
    yield make(3, 3), 2**62, 0, 1
    yield make(3, 3), -2**62, 0, 1


def bad_diagonal(make):
    yield (make(3, 3), 0, 1, -1), "cannot be identical"
    yield (make(3), 0, 0, 1), "Dimension out of range"
    yield (None, 0, 0, 1), "self: expected a tensor, got None"


view(aten.diagonal.default, diagonal, bad_diagonal)


def unfold(make):
    for x in make.layouts(3, 4, 5):
        yield x, 2, 3, 1
        yield x, -1, 2, 2
        yield x, 1, 4, 3
        yield x, 0, 1, 5
        yield x, 1, 0, 1
    yield make(), 0, 1, 1
    yield make(), 0, 0, 1
    yield make(0, 3), 1, 2, 1


def bad_unfold(make):
    yield (make(3), 0, 4, 1), "maximum size for tensor at dimension 0 is 3"
    yield (make(3), 0, 1, 0), "step is 0 but must be > 0"
    yield (make(3), 0, -1, 1), "size is -1 but must be >= 0"
    yield (make(3), 1, 1, 1), "Dimension out of range"
    yield (None, 0, 1, 1), "self: expected a tensor, got None"


view(aten.unfold.default, unfold, bad_unfold)


def strided(make):
    x = make(4, 6)
    yield x, [2, 3], [1, 2], None
    yield x, [2, 3], [6, 1], 5
    yield x, [], [], 3
    yield x, [3, 5], [0, 1], 0
    yield x, [0, 5], [1, 1], 0
    yield x[1:, 1:], [2, 2], [1, 1], None


def bad_strided(make):
    x = make(4, 6)
    yield (x, [5, 6], [6, 1], None), "its storage has"
    yield (x, [2, 2], [1], None), "mismatch in length"
    yield (x, [2, 2], [1, -1], 3), "Negative strides"
    yield (x, [2], [1], -1), "invalid storage offset"
    yield (x, [2**62, 2**62], [1, 1], 0), "negative or too large"
    yield (None, [1], [1], 0), "self: expected a tensor, got None"


view(aten.as_strided.default, strided, bad_strided)
view(aten.as_strided_copy.default, strided, bad_strided)


def squeeze_dims(make):
    for x in make.layouts(3, 1, 5):
        yield x, [1]
        yield x, [0, -2]
        yield x, []
    yield make(1, 1), [0, 1]
    yield make(), []


def bad_squeeze(make):
    yield (make(3, 1), [2]), "Dimension out of range"
    yield (make(3, 1), [1, -1]), "multiple times"
    yield (None, [0]), "self: expected a tensor, got None"


view(aten.squeeze.dims, squeeze_dims, bad_squeeze)


def squeeze_all(make):
    for x in make.layouts(3, 1, 5):
        yield x,
    yield make(1, 1),
    yield make(),


def bad_none(make):
    yield (None,), "self: expected a tensor, got None"


view(aten.squeeze.default, squeeze_all, bad_none)


# ---- Lists of results: an entry for each length ------------------------------


def split(make):
    for x in make.layouts(3, 5, 2):
        yield x, 2, 1
        yield x, 2, -2
    yield make(3), 1, 0


def bad_split(make):
    yield (make(), 1, 0), "at least a 1-dimensional tensor"
    yield (make(3), -1, 0), "non-negative, but got split_size=-1"
    yield (make(3), 0, 0), "can only be 0 if dimension size is 0"
    yield (make(3), 1, 1), "Dimension out of range"
    # The list of results is as long as the model says.
    yield Bad((make(4), 1, 0), "has room for 3 parts", torch_refuses=False)
    yield (None, 1, 0), "self: expected a tensor, got None"


def split_whole(make):
    yield make(3, 0), 0, 1
    yield make(3, 0), 2, 1
    yield make(3), 2**62, 0


view(aten.split.Tensor, split, bad_split, outputs=["Tensor"] * 3)
view(aten.split.Tensor, split_whole, False, outputs=["Tensor"])


def split_sizes(make):
    for x in make.layouts(3, 5, 2):
        yield x, [1, 0, 4], 1
        yield x, [2, 2, 1], -2
    yield make(0), [0, 0, 0], 0


def bad_split_sizes(make):
    yield (make(3), [1, 1, 0], 0), "sum exactly to 3, but they sum to 2"
    yield (make(3), [2, 2, 0], 0), "but they sum to more"
    yield (make(3), [4, -1, 0], 0), "sum to more"
    yield (make(3), [2, 2, -1], 0), "sum"
    yield (make(3), [-1, 2, 2], 0), "non-negative"
    yield (make(3), [2**62, 2**62, 2**62], 0), "sum to more"
    yield Bad((make(3), [1, 2], 0), "has room for 3 parts", torch_refuses=False)
    yield (None, [1, 1, 1], 0), "self: expected a tensor, got None"


view(aten.split_with_sizes.default, split_sizes, bad_split_sizes,
     outputs=["Tensor"] * 3)


def unbind(make):
    for x in make.layouts(4, 3, 2):
        yield x, 1
        yield x, -2
    yield make(3), 0


def bad_unbind(make):
    yield (make(), 0), "tensor has no dimensions"
    yield (make(3), 1), "Dimension out of range"
    yield Bad((make(4), 0), "has room for 3 parts", torch_refuses=False)
    yield (None, 0), "self: expected a tensor, got None"


view(aten.unbind.int, unbind, bad_unbind, outputs=["Tensor"] * 3)
