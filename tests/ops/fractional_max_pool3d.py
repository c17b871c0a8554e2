# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_fractional_max_pool3d",
   aten=torch.ops.aten.fractional_max_pool3d.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True)


def call(make, x, kernel, out):
    batch, channels = ([1] + list(x.shape))[-5:-3]
    return x, list(kernel), list(out), make(batch, channels, 3, low=0, high=1)


def samples(make):
    for x in make.layouts(2, 3, 7, 9, 8):
        yield call(make, x, (2, 3, 2), (3, 4, 5))
    for x in make.layouts(3, 6, 8, 7):
        yield call(make, x, (2, 2, 2), (3, 3, 4))
    x = make(2, 3, 7, 9, 8)
    for kernel, out in [((1, 1, 1), (6, 8, 7)), ((2, 2, 2), (5, 7, 6)),
                        ((3, 4, 2), (1, 1, 1)), ((6, 8, 7), (1, 1, 1)),
                        ((2, 2, 2), (0, 3, 3))]:
        yield call(make, x, kernel, out)
    yield x, [2] * 3, [4] * 3, make(2, 3, 3, low=0, high=1, layout="permuted")
    yield x[:1], [2] * 3, [4] * 3, make(2, 3, 3, low=0, high=1)
    yield call(make, make(0, 3, 7, 9, 8), (2, 2, 2), (3, 4, 5))
    yield call(make, make(3, 8, 12, 14, 16), (2, 2, 2), (7, 9, 10))
    odd = make(1, 2, 6, 6, 6)
    odd[0, 0, 2, 3, 1:3] = float("nan")
    odd[0, 1] = -float("inf")
    yield call(make, odd, (3, 3, 3), (2, 2, 2))


def bad(make):
    x, r = make(2, 3, 7, 9, 8), make(2, 3, 3, low=0, high=1)
    kernel, out = [2, 2, 2], [3, 4, 5]
    yield Bad((x, [2, 2], out, r), "kernel_size must either be a single Int or "
              "tuple of")
    yield Bad((x, kernel, [4, 5], r), "output_size must either be a single Int "
              "or tuple of")
    yield Bad((x[0, 0], kernel, out, r), "Expected 4D or 5D tensor")
    yield Bad((x[:, :0], kernel, out, r[:, :0]), "with dimension 1 being empty")
    yield Bad((x, [2, 0, 2], out, r), "kernel size should be greater than zero")
    yield Bad((x, kernel, [3, -1, 5], r), "negative output size -1")
    yield Bad((x, kernel, [6, 4, 5], r), "pool time 2 too large relative to "
              "input time 7")
    yield Bad((x, kernel, [3, 8, 5], r), "pool height 2 too large")
    yield Bad((x, kernel, [3, 4, 7], r), "pool width 2 too large")
    yield Bad((x, kernel, out, r.double()), "the same dtype as input")
    yield Bad((x, kernel, out, r[0]), "to have 3 dimensions, got 2")
    yield Bad((x, kernel, out, r[:1]), "size(0) no less then input batch size")
    yield Bad((x, kernel, out, r[:, :2]), "size(1) equals to input channel")
    yield Bad((x, kernel, out, r[..., :2]), "size(2) equals to 3; got 2")
    # Beyond an int; there torch's sum wraps around and may come back inside.
    wrong = r.double()
    wrong[0, 1, 2] = 2.0**31 / 1.5 - 0.5
    yield Bad((x.double(), kernel, out, wrong), "_random_samples of batch 0, "
              "channel 1 put a window outside", False)
    yield Bad((None, kernel, out, r), "self is a NULL handle")
