# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, op

op("aten::upsample_trilinear3d", aten=torch.ops.aten.upsample_trilinear3d.default,
   dtypes=FLOATS + LOW_FLOATS)
NONE = (None, None, None)


def samples(make):
    for align in (False, True):
        for x in make.layouts(2, 3, 4, 3, 5):
            yield x, [8, 6, 10], align, *NONE
        for sizes, out in [((5, 4, 3), (9, 7, 5)), ((9, 7, 5), (5, 4, 3)),
                           ((1, 1, 1), (4, 5, 3)), ((4, 5, 3), (1, 1, 1)),
                           ((3, 4, 5), (3, 4, 5)), ((3, 4, 5), (3, 8, 5))]:
            yield make(2, 3, *sizes), list(out), align, *NONE
            yield (make(2, 3, *sizes, layout="channels_last"), list(out), align,
                   *[o / s + 0.05 for s, o in zip(sizes, out)])
    for channels in (1, 2, 4, 5):
        x = make(2, channels, 3, 4, 5, layout="channels_last")
        yield x, [5, 7, 9], False, *NONE
    yield make(2, 3, 4, 3, 2), [8, 6, 4], False, 2.0, None, 2.0
    yield make(0, 3, 4, 3, 2), [8, 6, 4], False, *NONE
    yield make(2, 5, 5, 8, 10), [10, 16, 20], False, *NONE


def bad(make):
    x = make(2, 3, 4, 3, 2)
    yield (x, [8, 6], False, *NONE), "output_size equals to 3, but got size 2"
    yield (x[0], [8, 6, 4], False, *NONE), "equals to 5, but got size 4"
    yield (x, [8, 6, 0], False, *NONE), "greater than 0"
    yield (x[:, :0], [8, 6, 4], False, *NONE), "Non-empty 5D data tensor"
    yield (x.int(), [8, 6, 4], False, *NONE), "not implemented for 'Int'"
    yield (None, [8, 6, 4], False, *NONE), "self: expected a tensor, got None"
    yield (x, None, False, *NONE), "output_size: expected a list of integers"
