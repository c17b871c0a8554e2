# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_max_unpool2d", aten=torch.ops.aten.max_unpool2d.default,
   dtypes=FLOATS + LOW_FLOATS, exact=True)


def places(make, x, out):
    """Each plane has its own places, none twice."""
    height, width = x.shape[-2:]
    planes = x.numel() // max(height * width, 1)
    rows = [make.order(out[0] * out[1])[:height * width]
            for _ in range(planes)]
    if not rows:
        return torch.zeros(x.shape, dtype=torch.int64)
    return torch.stack(rows).reshape(x.shape)


def samples(make):
    for x in make.layouts(2, 3, 4, 5):
        yield x, places(make, x, (9, 11)), [9, 11]
        yield (x, places(make, x, (4, 6))
               .contiguous(memory_format=torch.channels_last), [4, 6])
    for x in make.layouts(3, 4, 5):
        yield x, places(make, x, (8, 10)), [8, 10]
    for layout in ("contiguous", "channels_last"):
        x = make(3, 70, 10, 12, layout=layout)
        yield x, places(make, x, (20, 24)), [20, 24]
    x = make(0, 3, 4, 5)
    yield x, places(make, x, (8, 10)), [8, 10]
    x = make(0, 4, 5)
    yield x, places(make, x, (8, 10)), [8, 10]
    x = make(2, 3, 4, 5)
    yield x, places(make, x, (8, 10)), [0, 10]
    yield x.int(), places(make, x, (8, 10)), [8, 0]


def bad(make):
    x = make(2, 3, 4, 5)
    at = places(make, x, (8, 10))
    yield Bad((x, at.int(), [8, 10]), "should be type int64 but got: Int")
    yield Bad((x, at, [8]), "There should be exactly two elements (height, "
              "width) in output_size, but got 1 elements")
    yield Bad((x[0, 0], at[0, 0], [8, 10]), "should be a 3d or 4d Tensor, but "
              "got a tensor with 2 dimensions")
    yield Bad((x, at[:1], [8, 10]), "Expected shape of indices to be same")
    yield Bad((x, at[0], [8, 10]), "Expected shape of indices to be same")
    yield Bad((x[:, :0], at[:, :0], [8, 10]), "with dimension 1 being empty")
    yield Bad((x, at, [-8, 10]), "non-negative spatial dimensions, but got "
              "output_size=[-8, 10]")
    yield Bad((x, at, [2**40, 2**40]), "too large")
    for value in (80, -1, 2**40, -2**63):
        wrong = at.clone()
        wrong[1, 2, 3, 4] = value
        yield Bad((x, wrong, [8, 10]), f"Found an invalid max index: {value} "
                  "(output volumes are of size [8, 10]")
        yield Bad((x.contiguous(memory_format=torch.channels_last), wrong,
                   [8, 10]), f"Found an invalid max index: {value}")
    yield Bad((x.int(), at, [8, 10]), "not implemented for 'Int'")
    yield Bad((None, at, [8, 10]), "self is a NULL handle")
    yield Bad((x, None, [8, 10]), "indices is a NULL handle")
