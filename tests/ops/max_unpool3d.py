# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_max_unpool3d", aten=torch.ops.aten.max_unpool3d.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True)

REST = ([2, 2, 2], [0, 0, 0])


def places(make, x, out):
    """Each plane has its own places, none twice."""
    volume = x.shape[-3] * x.shape[-2] * x.shape[-1]
    planes = x.numel() // max(volume, 1)
    rows = [make.order(out[0] * out[1] * out[2])[:volume]
            for _ in range(planes)]
    if not rows:
        return torch.zeros(x.shape, dtype=torch.int64)
    return torch.stack(rows).reshape(x.shape)


def samples(make):
    for x in make.layouts(2, 3, 2, 4, 5):
        yield x, places(make, x, (4, 9, 11)), [4, 9, 11], *REST
    for x in make.layouts(3, 2, 4, 5):
        yield x, places(make, x, (4, 8, 10)), [4, 8, 10], [1, 2, 3], [-1, 0, 1]
    x = make(3, 20, 6, 6, 6)
    yield x, places(make, x, (12, 12, 12)), [12, 12, 12], *REST
    x = make(0, 3, 2, 4, 5)
    yield x, places(make, x, (4, 8, 10)), [4, 8, 10], *REST
    x = make(2, 3, 2, 4, 5)
    yield x, places(make, x, (4, 8, 10)), [4, 0, 10], *REST


def bad(make):
    x = make(2, 3, 2, 4, 5)
    out = [4, 8, 10]
    at = places(make, x, out)
    yield Bad((x, at.int(), out, *REST), "should be type int64 but got: Int")
    yield Bad((x, at, [8, 10], *REST), "There should be exactly three elements "
              "(depth, height, width) in output_size, but got 2 elements")
    yield Bad((x, at, out, [2, 2], [0] * 3), "in stride, but got")
    yield Bad((x, at, out, [2] * 3, [0, 0]), "in padding, but got")
    yield Bad((x, at, out, [2, 0, 2], [0] * 3), "strides should be greater "
              "than zero, but got stride: [2, 0, 2]")
    yield Bad((x[0, 0], at[0, 0], out, *REST), "should be a 4d or 5d Tensor")
    yield Bad((x, at[:1], out, *REST), "Expected shape of indices to be same")
    yield Bad((x[:, :0], at[:, :0], out, *REST), "dimension 1 being empty")
    yield Bad((x, at, [4, -8, 10], *REST), "output_size=[4, -8, 10]")
    for value in (320, -1, 2**40):
        wrong = at.clone()
        wrong[1, 2, 1, 3, 4] = value
        yield Bad((x, wrong, out, *REST), f"Found an invalid max index: "
                  f"{value} (output volumes are of size [4, 8, 10]")
    yield Bad((x.int(), at, out, *REST), "not implemented for 'Int'")
    yield Bad((None, at, out, *REST), "self is a NULL handle")
