# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, op


def samples(make):
    for x in make.layouts(3, 4, 33):
        yield x, [33], None, None, 1e-5
        yield x, [33], make(33), make(33, layout="sliced"), 1e-5
        yield x, [4, 33], make(4, 33, layout="transposed"), None, 1e-3
        yield x, [3, 4, 33], None, make(3, 4, 33), 0.5
        if x.dtype in LOW_FLOATS:
            yield (x, [33], make(33, dtype=torch.float32),
                   make(33, dtype=torch.float32), 1e-5)
            yield x, [33], None, make(33, dtype=torch.float32), 1e-5
    yield make(5), [5], make(5), make(5), 1e-5
    if make.dtype in FLOATS:  # torch's bfloat16 result is not quite zero
        yield make(1, 1), [1], None, None, 1e-5
    yield make(20, 768), [768], make(768), make(768), 1e-12
    yield make(0, 4), [4], make(4), None, 1e-5
    yield make(3, 0), [0], None, None, 1e-5
    x = make(4, 10)
    x[1, 2] = float("nan")
    yield x, [10], None, None, 1e-5


def bad(make):
    x = make(2, 3, 4)
    yield (x, [], None, None, 1e-5), "at least 1-dimensional"
    yield ((x, [3], None, None, 1e-5),
           "Given normalized_shape=[3], expected input")
    yield (x, [5, 2, 3, 4], None, None, 1e-5), "of size[2, 3, 4]"
    yield ((x, [4], make(3), None, 1e-5),
           "got weight of shape [3] and normalized_shape = [4]")
    yield (x, [4], None, make(4, 1), 1e-5), "got bias of shape [4, 1]"
    yield (x, [4], make(4).double(), None, 1e-5), "weight to have scalar type"
    yield (x.half(), [4], make(4).float(), make(4).half(), 1e-5), "bias to have"
    yield (x.long(), [4], None, None, 1e-5), "not implemented for 'Long'"


op("aten::native_layer_norm", aten=torch.ops.aten.native_layer_norm.default,
   dtypes=FLOATS + LOW_FLOATS)
