# SPDX-License-Identifier: Apache-2.0
"""Samples of the operators that resample with an antialiasing filter, and of their
gradients."""


def samples(make):
    for x in make.layouts(2, 3, 7, 5):
        for size in [7, 5], [3, 4], [11, 9], [3, 12], [1, 1]:
            yield x, size, False, None, None
            yield x, size, True, None, None
    for x in make(1, 2, 4, 4), make(1, 2, 4, 4, layout="channels_last"):
        yield x, [6, 3], False, 1.5, 0.75
        yield x, [6, 3], False, 1.4, 0.8
        yield x, [2, 9], False, None, 2.3
    # A dimension that keeps its size is copied whatever its scale is.
    for size in [5, 8], [6, 7], [5, 7]:
        yield make(1, 2, 5, 7), size, False, 1.1, 1.1
    x = make(1, 1, 5, 7)
    x[0, 0, 1, 2], x[0, 0, 3, 3] = float("nan"), float("inf")
    yield x, [5, 8], False, None, None
    yield make(2, 1, 30, 40), [4, 3], False, None, None
    yield make(0, 2, 4, 4), [3, 3], False, None, None


def bad(make):
    yield (make(3, 4, 4), [2, 2], False, None, None), "input_size equals to 4"
    yield (make(1, 3, 4, 4), [2], False, None, None), "output_size equals to 2"
    yield ((make(1, 3, 4, 4), [0, 2], False, None, None),
           "sizes should be greater than 0")
    yield (make(1, 0, 4, 4), [2, 2], False, None, None), "Non-empty 4D"
    yield ((make(1, 3, 4, 4).half(), [2, 2], False, None, None),
           "not implemented for 'Half'")
    yield ((make(1, 3, 4, 4).int(), [2, 2], False, None, None),
           "not implemented for 'Int'")
    yield (None, [2, 2], False, None, None), "self: expected a tensor, got None"


def images(make):
    """8 bits: integer weights, rounded after each dimension."""
    for sizes in [(2, 3, 7, 5), (1, 1, 20, 30), (1, 5, 9, 6)]:
        for x in make.layouts(*sizes, low=0, high=256):
            for size in [list(sizes[2:]), [3, 4], [11, 9], [7, 12], [3, 5], [1, 1]]:
                if size == [1, 1] and len(x) > 1:  # PyTorch's own check fails
                    continue
                yield x, size, False, None, None
                yield x, size, True, None, None
    for channels in (3, 6):
        for layout in ("contiguous", "channels_last"):
            x = make(1, channels, 8, 6, layout=layout, low=0, high=256)
            yield x, [6, 3], False, 1.5, 0.75
            yield x, [8, 9], False, 0.7, 2.3
            yield x * 0 + 255, [3, 17], False, None, None
    yield make(1, 3, 200, 150, low=0, high=256), [33, 70], False, None, None
    for channels in (1, 2, 3, 4):  # long lines of small pixels
        x = make(2, channels, 41, 53, layout="channels_last", low=0, high=256)
        for size in [13, 17], [41, 9], [5, 53], [60, 77], [2, 3]:
            yield x, size, False, None, None
            yield x.contiguous(), size, True, None, None
    yield make(0, 2, 4, 4), [3, 3], False, None, None


def _gradient(grad, sizes, align=False, scales=(None, None)):
    return (grad, list(grad.shape[2:]), list(grad.shape[:2]) + list(sizes),
            align, *scales)


def gradients(make):
    for align in (False, True):
        for grad in make.layouts(2, 3, 7, 5):
            for sizes in [(7, 5), (3, 4), (12, 11), (3, 12), (1, 1)]:
                yield _gradient(grad, sizes, align)
    for layout in ("contiguous", "channels_last"):
        yield _gradient(make(1, 2, 6, 3, layout=layout), (4, 4), False, (1.4, 0.8))
        yield _gradient(make(1, 2, 2, 9, layout=layout), (4, 4), False, (None, 2.3))
    yield _gradient(make(2, 2, 1, 1), (5, 3), True)
    yield _gradient(make(2, 1, 4, 3), (30, 40))
    yield _gradient(make(0, 2, 4, 4), (3, 3))


def bad_gradients(make):
    grad = make(2, 3, 8, 6)
    none = (None, None)
    yield (grad, [8], [2, 3, 4, 3], False, *none), "output_size equals to 2"
    yield (grad, [8, 6], [3, 4, 3], False, *none), "input_size equals to 4"
    yield (grad, [8, 6], [2, 3, 0, 3], False, *none), "greater than 0"
    yield (grad[0], [8, 6], [2, 3, 4, 3], False, *none), "got: dimension 3"
    yield ((grad, [7, 6], [2, 3, 4, 3], False, *none),
           "output.size(2) = 7 but got grad_output.size(2) = 8")
    yield ((grad.half(), [8, 6], [2, 3, 4, 3], False, *none),
           "not implemented for 'Half'")
    yield ((grad.int(), [8, 6], [2, 3, 4, 3], False, *none),
           "not implemented for 'Int'")
    yield ((None, [8, 6], [2, 3, 4, 3], False, *none),
           "grad_output: expected a tensor, got None")
