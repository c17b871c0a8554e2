# SPDX-License-Identifier: Apache-2.0
import torch
from harness import (BOOL, COMPLEX, FLOAT8, FLOATS, INTEGERS, LOW_FLOATS,
                     UNSIGNED, Bad, op)

EVERY = (FLOATS + LOW_FLOATS + INTEGERS + UNSIGNED + COMPLEX + BOOL
         + (torch.complex32,) + FLOAT8)
op("aoti_torch_cpu_pad", aten=torch.ops.aten.pad.default, dtypes=EVERY,
   exact=True)
# The same function.
op("aoti_torch_aten_pad", aten=torch.ops.aten.pad.default,
   dtypes=(torch.float32,), exact=True)

# Only a part of the dtypes can be reflected and replicated.
EDGES = FLOATS + LOW_FLOATS + INTEGERS + COMPLEX
MODES = ("reflect", "replicate", "circular")


def constant(make):
    # The smallest of these floats is no zero.
    value = 1.0 if make.dtype == torch.float8_e8m0fnu else None
    for x in make.layouts(2, 3, 4, 5):
        yield x, [1, 2], "constant", value
        yield x, [0, 0, 2, 1], "constant", value
        yield x, [1, 1, 0, 2, 3, 0, 0, 1], "constant", 1.0
        yield x, [0, 0, 0, 0, 1, 2], "constant", 1.0
        yield x, [-1, 2, 1, -2], "constant", 1.0
        yield x, [-1, -2, 0, -1], "constant", None
        yield x, [], "constant", None
    for x in make.layouts(2, 3, 4, 5, 2):
        yield x, [1, 0, 0, 2, 1, 1], "constant", 1.0
    for x in make.layouts(6):
        yield x, [2, 3], "constant", 1.0
    yield make(0, 3), [1, 1], "constant", 1.0
    yield make(3, 0), [1, 1], "constant", 1.0
    yield make(3, 4), [-4, 2], "constant", 1.0
    yield make(3, 4), [-2, -2], "constant", 1.0
    yield make(3, 4), [-2, -2, 1, 1], "constant", 1.0
    yield make(), [], "constant", None
    yield make(2, 70, 80), [3, 3, 3, 3], "constant", 1.0
    if make.dtype.is_floating_point and make.dtype not in FLOAT8:
        for value in (0.1, float("inf"), float("nan")):
            yield make(3, 4), [1, 1], "constant", value
    if make.dtype in INTEGERS:
        yield make(3, 4), [1, 1], "constant", 1.75
    if make.dtype == torch.int64:
        yield make(3, 4), [1, 1], "constant", -2.0**63
    if make.dtype == torch.uint64:
        yield make(3, 4), [1, 1], "constant", 1.5 * 2.0**63


def samples(make):
    yield from constant(make)
    for mode in MODES:
        if mode != "circular" and make.dtype not in EDGES:
            continue
        for x in make.layouts(3, 5):
            yield x, [2, 1], mode, None
        for x in make.layouts(2, 3, 5):
            yield x, [2, 4], mode, None
            yield x, [1, 2, 0, 2], mode, None
        for x in make.layouts(2, 3, 4, 5):
            yield x, [1, 2, 3, 0], mode, None
            yield x, [0, 0, 2, 1], mode, None
            yield x, [2, -1, -2, 1], mode, None
            yield x, [0, 0, 2, 1, 1, 2], mode, None
        for x in make.layouts(2, 3, 4, 5, 4):
            yield x, [1, 2, 3, 0, 2, 2], mode, None
        yield make(0, 3, 4), [1, 1], mode, None
        yield make(2, 9, 40, 50), [3, 3, 3, 3], mode, None
        yield make(2, 9, 40, 50, layout="channels_last"), [3] * 4, mode, None
    if make.dtype in EDGES:
        yield make(3, 5), [12, 7], "replicate", None
        yield make(2, 3, 5), [3, -6], "replicate", None
        yield make(2, 3, 5), [-7, 4], "replicate", None
        yield make(2, 3, 5), [3, -6], "reflect", None
        yield make(2, 3, 5), [-4, 3], "reflect", None
    yield make(2, 3, 5), [5, 5], "circular", None
    yield make(2, 3, 5), [-5, 0], "circular", None


def bad(make):
    x = make(2, 3, 4, 5)
    yield Bad((x, [1], "constant", None), "must be divisible by 2")
    yield Bad((x, [1] * 10, "constant", None), "got padding length 10 and "
              "input of dimension 4")
    yield Bad((x, [1, 1], "mirror", None), "Unrecognised padding mode mirror")
    yield Bad((x, [1] * 4, "reflect", 1.0), "doesn't take in value argument")
    yield Bad((x, [1, 1], "reflect", None), "Padding size 2 is not supported "
              "for 4D input tensor")
    yield Bad((x, [], "circular", None), "Padding size 0 is not supported")
    yield Bad((make(2, 3, 4, 5, 6, 7), [1] * 8, "replicate", None),
              "Padding size 8 is not supported for 6D")
    yield Bad((x, [-3, -3], "constant", None), "takes away")
    yield Bad((x, [-6, 4], "constant", None), "takes away")
    yield Bad((x, [4, -6], "constant", None), "takes away")
    yield Bad((x, [2**62, 2**62], "constant", None), "is too large")
    yield Bad((x, [2**40, 0, 2**40, 0], "constant", None), "negative or too large")
    yield Bad((x.to(torch.uint8), [1, 1], "constant", 300.0),
              "cannot be converted")
    yield Bad((x.to(torch.uint8), [1, 1], "constant", -0.5),
              "cannot be converted")
    yield Bad((x.to(torch.int32), [1, 1], "constant", float("nan")),
              "cannot be converted")
    yield Bad((x.to(torch.int64), [1, 1], "constant", 2.0**63),
              "cannot be converted")
    yield Bad((x.half(), [1, 1], "constant", 1e5), "cannot be converted")
    yield Bad((x.to(torch.float8_e4m3fn), [1, 1], "constant", float("inf")),
              "cannot be converted")
    yield Bad((x, [5, 0, 0, 0], "reflect", None), "Argument #4: Padding size "
              "should be less than the corresponding input dimension")
    yield Bad((x, [0, 0, 1, 4], "reflect", None), "Argument #6")
    yield Bad((x, [2, -7, 0, 0], "replicate", None), "must be >= 1")
    yield Bad((make(2, 0, 4), [1, 1], "replicate", None), "Expected 2D or 3D")
    yield Bad((x.bool(), [1] * 4, "reflect", None),
              "\"reflection_pad2d\" not implemented for 'Bool'")
    yield Bad((x, [6, 0, 0, 0], "circular", None), "wrapping around more than "
              "once")
    yield Bad((x, [-6, 0, 0, 0], "circular", None), "empty dimension")
    # torch leaves results unset when nothing is left to repeat.
    yield Bad((x, [4, -5, 0, 0], "circular", None), "empty dimension", False)
    yield Bad((make(2, 3, dtype=torch.float4_e2m1fn_x2), [1, 1], "constant",
               None), "not implemented for 'Float4")
    yield Bad((None, [1, 1], "constant", None), "self is a NULL handle")
