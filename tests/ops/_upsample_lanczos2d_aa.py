# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, op

op("aten::_upsample_lanczos2d_aa",
   aten=torch.ops.aten._upsample_lanczos2d_aa.default, dtypes=FLOATS)


def samples(make):
    for x in make.layouts(2, 3, 7, 5):
        for size in [7, 5], [3, 4], [11, 9], [3, 12], [1, 1]:
            yield x, size, False, None, None
            yield x, size, True, None, None
    for x in make(1, 2, 4, 4), make(1, 2, 4, 4, layout="channels_last"):
        yield x, [6, 3], False, 1.5, 0.75
        yield x, [6, 3], False, 1.4, 0.8
        yield x, [2, 9], False, None, 2.3
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
    yield make(0, 2, 4, 4), [3, 3], False, None, None


op("aten::_upsample_lanczos2d_aa",
   aten=torch.ops.aten._upsample_lanczos2d_aa.default, dtypes=(torch.uint8,),
   samples=images, bad=False, exact=True)
