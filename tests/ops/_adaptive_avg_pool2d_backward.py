# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, Sample, op

# 16-bit floats are rounded at each step, as torch's loop does, which for
# channels-last divides by the area; but of channels beyond its vectors, whose
# width the CPU gives, by height and width in turn. The other quotient differs
# in the last place, which counts where gradients cancel each other.
op("aoti_torch_cpu__adaptive_avg_pool2d_backward",
   aten=torch.ops.aten._adaptive_avg_pool2d_backward.default,
   dtypes=FLOATS)
op("aoti_torch_cpu__adaptive_avg_pool2d_backward", bad=False,
   aten=torch.ops.aten._adaptive_avg_pool2d_backward.default,
   dtypes=(torch.float16,), rtol=1e-3, atol=2e-3)
op("aoti_torch_cpu__adaptive_avg_pool2d_backward", bad=False,
   aten=torch.ops.aten._adaptive_avg_pool2d_backward.default,
   dtypes=(torch.bfloat16,), rtol=1.6e-2, atol=1.6e-2)


def call(make, x, size, layout="contiguous"):
    return make(*x.shape[:-2], *size, layout=layout), x


def samples(make):
    for x in make.layouts(2, 5, 9, 10):
        for size in [(1, 1), (3, 4), (9, 10), (12, 3)]:
            yield call(make, x, size)
    for layout in make.LAYOUTS:
        yield call(make, make(2, 5, 9, 10), (3, 4), layout)
    for x in make.layouts(3, 8, 7):
        yield call(make, x, (3, 4))
    for layout in ("contiguous", "channels_last"):
        x = make(2, 70, 9, 10, layout=layout)
        yield call(make, x, (3, 4), layout)
        x = make(2, 64, 9, 10, layout=layout)
        yield Sample(call(make, x, (4, 3), layout),
                     exact=make.dtype in LOW_FLOATS)
        yield call(make, x, [1, 1], layout)
        yield call(make, make(0, 2, 4, 4, layout=layout), (3, 4))
        yield call(make, make(1, 2, 2, 100, layout=layout),
                   [1, 70])
        gradient, x = call(make, x, (3, 4))
        gradient[0, 0] = float("nan")
        gradient[0, 1] = float("inf")
        yield gradient, x


def bad(make):
    gradient, x = call(make, make(2, 3, 4, 4), [2, 2])
    yield Bad((None, x), "grad_output is a NULL handle")
    yield Bad((gradient, None), "input is a NULL handle")
    yield Bad((gradient.double(), x),
              "expected dtype Float for `grad_output` but got dtype Double")
    yield Bad((gradient[0], x), "Expected dimensions 4 for `grad_output` "
              "but got dimensions 3")
    yield Bad((gradient[0, 0], x[0, 0]), "Expected 3D or 4D")
    yield Bad((gradient[..., :0], x), "with dimension 3 being empty")
    yield Bad((gradient.long(), x.long()), "not implemented for 'Long'")
    # torch does not look at the number of images and channels.
    yield Bad((gradient[:1], x), "for `grad_output`", torch_refuses=False)
    yield Bad((gradient[:, :1], x), "for `grad_output`", torch_refuses=False)
