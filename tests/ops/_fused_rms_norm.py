# SPDX-License-Identifier: Apache-2.0
import torch
from harness import COMPLEX, FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu__fused_rms_norm", aten=torch.ops.aten._fused_rms_norm.default,
   dtypes=FLOATS + LOW_FLOATS + COMPLEX)


def samples(make):
    for sizes in [(7,), (3, 4), (3, 4, 5), (2, 3, 4, 5), (2, 3, 2, 4, 5)]:
        for x in make.layouts(*sizes):
            for rank in range(1, len(sizes) + 1):
                shape = list(sizes[len(sizes) - rank:])
                yield x, shape, None, None
                yield x, shape, make(*shape), 1e-5
    for width in (1, 15, 16, 17, 100, 1000):
        yield make(3, width), [width], make(width), None
    yield make(3, 4), [], None, None  # all dimensions
    yield make(), [], None, None
    yield make(), [1], None, 0.5
    yield make(2, 0), [0], None, None
    yield make(0, 4), [4], make(4), None
    # Only the length of the shape counts; the weight broadcasts.
    yield make(3, 4), [9], make(1), None
    yield make(3, 4), [4], make(3, 1), None
    yield make(3, 4), [4], make(3, 4), None
    yield make(3, 4), [4], make(), None
    yield make(3, 4), [4], make(8, dtype=torch.float32)[::2], None
    if not make.dtype.is_complex:
        yield make(3, 4), [4], make(4, dtype=torch.float16), None
        yield make(3, 4), [4], make(4, dtype=torch.float64), None
        yield make(3, 4), [4], make(4, dtype=torch.int64), None
        yield make(3, 4) * 0, [4], None, None
        yield make(3, 4) * float("nan"), [4], None, None
        yield make(3, 4) * float("inf"), [4], None, None
        yield torch.cat([make(1, 4), make(1, 4) * float("inf")]), [4], None, 0.1


def bad(make):
    yield (make(3, 4, dtype=torch.int32), [4], None, None), (
        "\"rms_norm\" not implemented for 'Int'")
    yield (make(3, 4), [2, 3, 4], None, None), (
        "normalized_shape has 3 dimensions, the input only 2")
    yield (make(3, 4), [4], make(3), None), (
        "weight of shape [3] does not broadcast to input of shape [3, 4]")
    # torch lets the weight enlarge the result.
    yield Bad((make(3, 4), [4], make(2, 3, 4), None),
              "weight of shape [2, 3, 4] does not broadcast to input of shape "
              "[3, 4]", torch_refuses=False)
    # torch computes with complex numbers and drops the imaginary part.
    yield Bad((make(3, 4), [4], make(4, dtype=torch.complex64), None),
              "no complex weight", torch_refuses=False)
    # torch dereferences the handle.
    yield Bad((None, [4], None, None), "input is a NULL handle",
              torch_refuses=False)
