# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_fractional_max_pool2d",
   aten=torch.ops.aten.fractional_max_pool2d.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True)


def call(make, x, kernel, out):
    batch, channels = ([1] + list(x.shape))[-4:-2]
    return x, list(kernel), list(out), make(batch, channels, 2, low=0, high=1)


def samples(make):
    for x in make.layouts(2, 3, 9, 10):
        yield call(make, x, (2, 3), (4, 5))
    for x in make.layouts(3, 8, 7):
        yield call(make, x, (2, 2), (3, 4))
    x = make(2, 3, 9, 10)
    for kernel, out in [((1, 1), (9, 10)), ((2, 2), (8, 9)), ((3, 4), (1, 1)),
                        ((9, 10), (1, 1)), ((2, 2), (0, 3)), ((1, 2), (2, 9))]:
        yield call(make, x, kernel, out)
    for layout in ("transposed", "permuted", "sliced"):
        yield x, [2, 2], [4, 5], make(2, 3, 2, low=0, high=1, layout=layout)
    yield x[:1], [2, 2], [4, 5], make(2, 3, 2, low=0, high=1)
    # Samples that lie so that the windows stay inside.
    yield x, [2, 2], [4, 5], make(2, 3, 2, low=0, high=1) * float("nan")
    yield call(make, make(0, 3, 9, 10), (2, 2), (4, 5))
    yield call(make, make(0, 9, 10), (2, 2), (4, 5))
    yield call(make, make(5, 20, 30, 40), (2, 2), (17, 29))
    odd = make(1, 2, 8, 8)
    odd[0, 0, 2, 3] = float("nan")
    odd[0, 0, 2, 2] = float("nan")
    odd[0, 1] = -float("inf")
    yield call(make, odd, (3, 3), (3, 4))


def bad(make):
    x, r = make(2, 3, 9, 10), make(2, 3, 2, low=0, high=1)
    yield Bad((x, [2], [4, 5], r), "kernel_size must either be a single Int or "
              "tuple of")
    yield Bad((x, [2, 2], [4], r), "output_size must either be a single Int or "
              "tuple of")
    yield Bad((x[0, 0], [2, 2], [4, 5], r), "Expected 3D or 4D tensor")
    yield Bad((x[:, :0], [2, 2], [4, 5], r[:, :0]), "with dimension 1 being "
              "empty")
    yield Bad((x, [0, 2], [4, 5], r), "kernel size should be greater than zero")
    yield Bad((x, [2, 2], [-1, 5], r), "negative output size -1")
    yield Bad((x, [2, 2], [9, 5], r), "pool height 2 too large relative to "
              "input height 9")
    yield Bad((x, [2, 2], [4, 10], r), "pool width 2 too large relative to "
              "input width 10")
    yield Bad((x, [2**62, 2], [2**62, 5], r), "too large")
    yield Bad((x, [2, 2], [4, 5], r.double()), "the same dtype as input")
    yield Bad((x, [2, 2], [4, 5], r[0]), "to have 3 dimensions, got 2")
    yield Bad((x, [2, 2], [4, 5], r[:1]), "size(0) no less then input batch "
              "size")
    yield Bad((x, [2, 2], [4, 5], r[:, :2]), "size(1) equals to input channel "
              "size")
    yield Bad((x, [2, 2], [4, 5], r[..., :1]), "size(2) equals to 2; got 1")
    # Beyond an int; there torch's sum wraps around and may come back inside.
    wrong = r.double()
    wrong[1, 2, 1] = 2.0**31 / (7 / 3) - 0.5
    yield Bad((x.double(), [2, 2], [4, 5], wrong), "_random_samples of batch "
              "1, channel 2 put a window outside", False)
    yield Bad((x.to(torch.complex64), [2, 2], [4, 5], r.to(torch.complex64)),
              "not implemented for 'ComplexFloat'")
    yield Bad((None, [2, 2], [4, 5], r), "self is a NULL handle")
    yield Bad((x, [2, 2], [4, 5], None), "random_samples is a NULL handle")
