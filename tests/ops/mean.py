# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, Bad, op



def whole(make):
    for x in make.layouts(3, 4, 5):
        yield x,
    yield make(),
    yield make(0, 3),
    yield make(3, 4), torch.complex128


def along(make):
    for x in make.layouts(3, 4, 5):
        yield x, [1], False
        yield x, [0, -1], True
        yield x, [], False
    yield make(3, 4), None, False
    yield make(), [0], False
    yield make(0, 3), [0], False
    yield make(0, 3), [1], False
    yield make(3, 4), [0], False, torch.complex128
    yield make(3, 4), [0], True, torch.complex64
    # Long rows, short ones and several at once, wherever they lie in memory.
    for x in (make(40, 301), make(301, 40).t(), make(20, 300)[:, ::2],
              make(300, 3), make(5, 19, 70).transpose(0, 1),
              make(6, 40, 9).permute(2, 0, 1), make(1, 40).expand(30, 40)):
        for dim in range(x.dim()):
            yield x, [dim], False
        yield x, [0, -1], False
    yield make(40, 300), [1], False, torch.complex128


def bad_whole(make):
    # PyTorch compiles it for real tensors: they do not come by name.
    yield Bad((make(3).real.clone(),), "only for complex64 and complex128",
              torch_refuses=False)
    yield (None,), "self: expected a tensor, got None"


def bad_along(make):
    yield (make(3, 4), [2], False), "Dimension out of range"
    yield (make(3, 4), [1, -1], False), "multiple times"
    yield (None, [0], False), "self: expected a tensor, got None"
    # PyTorch would drop the imaginary parts, with a warning.
    yield Bad((make(3), [0], False, torch.float32), "only for complex64",
              torch_refuses=False)


op("aten::mean", aten=torch.ops.aten.mean.default, dtypes=COMPLEX, samples=whole,
   bad=bad_whole)
op("aten::mean.dim", aten=torch.ops.aten.mean.dim,
   dtypes=COMPLEX, samples=along, bad=bad_along)
