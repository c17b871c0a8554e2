# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, Bad, op

op("aten::_upsample_bilinear2d_aa",
   aten=torch.ops.aten._upsample_bilinear2d_aa.default, dtypes=FLOATS)


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
    # PyTorch rounds 8-bit images with integer weights of its own.
    yield Bad((make(1, 3, 4, 4).byte(), [2, 2], False, None, None),
              "not implemented for 'Byte'", torch_refuses=False)
    yield (None, [2, 2], False, None, None), "self: expected a tensor, got None"
