# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, Sample, op

ATEN = torch.ops.aten.convolution_backward.default


def reference(*args):
    """torch computes the weight's gradient too where only the bias's is asked
    for and it uses oneDNN."""
    results = ATEN(*args)
    return [r if wanted else None for r, wanted in zip(results, args[-1])]


op("aoti_torch_cpu_convolution_backward", reference=reference,
   outputs=("Tensor",) * 3, dtypes=FLOATS + LOW_FLOATS)
op("aoti_torch_cpu_convolution_backward", reference=reference, bad=False,
   outputs=("Tensor",) * 3, dtypes=(torch.int64,),
   samples=lambda make: integers(make))


def last(x):
    if x.dim() == 3:
        return x.transpose(1, 2).contiguous().transpose(1, 2)
    return x.contiguous(memory_format=torch.channels_last if x.dim() == 4
                        else torch.channels_last_3d)


def call(make, x, w, stride=1, padding=0, dilation=1, transposed=False,
         extra=0, groups=1, mask=(True, True, True), layout=None, bias=True):
    dims = w.dim() - 2
    lists = [[v] * dims if isinstance(v, int) else list(v)
             for v in (stride, padding, dilation, extra)]
    result = torch.ops.aten.convolution.default(
        x, w, None, *lists[:3], transposed, lists[3], groups)
    gradient = make(*result.shape)
    if layout == "last":
        gradient = last(gradient)
    elif layout == "expanded":
        gradient = make(1).expand(result.shape)
    channels = w.shape[1] * groups if transposed else w.shape[0]
    args = (gradient, x, w, [channels] if bias else None, *lists[:3],
            transposed, lists[3], groups, list(mask))
    # Sums over all positions in another order; torch rounds between the images
    # of a batch in low precision.
    if x.dtype in LOW_FLOATS:
        loose = 3e-2 if x.dtype == torch.bfloat16 else 6e-3
        return Sample(args, rtol=loose, atol=16 * loose)
    if x.dtype == torch.float32:
        return Sample(args, rtol=1e-4, atol=2e-4)
    return args


def layouts(make, *sizes):
    yield make(*sizes)
    yield last(make(*sizes))


def one_dimensional(make):
    for x in make.layouts(2, 3, 11):
        yield call(make, x, make(5, 3, 4), stride=2, padding=1)
    for x in layouts(make, 2, 4, 9):
        for w in layouts(make, 6, 2, 3):
            yield call(make, x, w, groups=2, padding=2, dilation=2)
        for w in layouts(make, 4, 3, 3):
            yield call(make, x, w, transposed=True, stride=3, extra=2)
    yield call(make, make(1, 4, 20), make(4, 1, 3), groups=4, padding=2)


def two_dimensional(make):
    for x in make.layouts(2, 3, 8, 9):
        for w in layouts(make, 5, 3, 3, 3):
            yield call(make, x, w, padding=1)
    for n, ci, co, k, stride, padding, dilation, groups in [
            (1, 1, 24, 3, 1, 1, 1, 1), (1, 3, 17, 7, 2, 3, 1, 1),
            (2, 16, 33, 1, 1, 0, 1, 1), (1, 16, 8, 1, 2, 0, 1, 1),
            (2, 8, 12, 3, 1, 2, 2, 4), (2, 12, 12, 3, 2, 1, 1, 12),
            (1, 37, 37, 5, 1, 2, 1, 37), (1, 6, 12, 3, 1, 1, 1, 6),
            (17, 8, 8, 3, 1, 1, 1, 1), (1, 160, 9, 3, 1, 1, 1, 1),
            (2, 4, 4, 3, 3, 5, 1, 2), (2, 40, 40, 3, 1, 3, 3, 40)]:
        for x in layouts(make, n, ci, 10, 11):
            for w in layouts(make, co, ci // groups, k, k):
                yield call(make, x, w, stride, padding, dilation, False, 0,
                           groups)
    yield call(make, make(1, 4, 12, 12), make(6, 4, 2, 3), [2, 1], [0, 1],
               [3, 2])
    yield call(make, make(1, 4, 5, 5), make(3, 4, 1, 1), padding=1)
    for kind in ("last", "expanded"):
        yield call(make, make(2, 4, 6, 6), make(6, 4, 3, 3), layout=kind)
    yield call(make, make(1, 16, 6, 6, layout="channels_last")[:, 4:12],
               make(4, 8, 3, 3))
    yield call(make, make(2, 3, 1, 1), make(4, 3, 1, 1))


def transposed(make):
    for ci, co, k, stride, padding, extra, dilation, groups in [
            (8, 6, 2, 2, 0, 0, 1, 1), (8, 20, 3, 2, 1, 1, 1, 1),
            (6, 6, 3, 1, 1, 0, 2, 6), (8, 12, 4, 3, 2, 2, 1, 4),
            (3, 5, 1, 2, 0, 1, 1, 1), (16, 16, 3, 1, 0, 0, 1, 1),
            (4, 6, 1, 1, 0, 1, 2, 2)]:
        for x in layouts(make, 2, ci, 5, 6):
            if k == 1 and not x.is_contiguous():
                continue  # torch's own results differ from call to call
            for w in layouts(make, ci, co // groups, k, k):
                yield call(make, x, w, stride, padding, dilation, True, extra,
                           groups)


def three_dimensional(make):
    for x in make.layouts(2, 4, 4, 5, 6):
        yield call(make, x, make(6, 4, 2, 3, 3), padding=1)
    yield call(make, make(1, 4, 5, 5, 5), make(4, 2, 3, 3, 3), dilation=2,
               groups=2)
    yield call(make, make(2, 4, 3, 4, 5), make(4, 3, 2, 2, 2), transposed=True,
               stride=2)
    yield call(make, make(1, 3, 9, 30, 30, layout="channels_last"),
               make(4, 3, 3, 3, 3))
    yield call(make, make(2, 6, 4, 5, 6, layout="channels_last"),
               make(6, 1, 3, 3, 3), groups=6, padding=1)


def depthwise(make):
    for c, height, width, k, stride, padding, dilation in [
            (5, 6, 7, 3, 1, 1, 1), (19, 5, 1, 3, 1, 1, 1),
            (40, 7, 7, 5, 1, 2, 1), (33, 9, 8, 3, 2, 1, 1),
            (24, 6, 23, 3, 1, 2, 2), (8, 3, 7, 3, 3, 4, 1),
            (72, 3, 21, 2, 2, 0, 1), (17, 3, 80, 3, 1, 1, 1),
            (12, 5, 13, 7, 2, 3, 1), (300, 4, 5, 3, 1, 1, 1)]:
        x = last(make(2, c, height, width))
        yield call(make, x, make(c, 1, k, k), stride, padding, dilation,
                   groups=c, layout="last")
    yield call(make, last(make(1, 20, 6, 5)), make(20, 1, 3, 3), 2, 1, 1, True,
               1, 20, layout="last")


def planes(make):
    for c, height, width, k, stride, padding, dilation in [
            (5, 6, 7, 3, 1, 1, 1), (19, 5, 1, 3, 1, 1, 1), (3, 14, 14, 3, 1, 1, 1),
            (4, 7, 7, 5, 1, 2, 1), (3, 9, 8, 3, 2, 1, 1), (4, 6, 23, 3, 1, 2, 2),
            (8, 3, 7, 3, 3, 4, 1), (2, 3, 21, 2, 2, 0, 1), (12, 5, 13, 7, 2, 3, 1),
            # Planes in several bands.
            (2, 130, 150, 3, 1, 1, 1), (2, 131, 149, 3, 2, 1, 1),
            (3, 3, 5000, 3, 1, [0, 1], 1), (2, 90, 33, 3, [1, 2], 1, 1)]:
        x = make(2, c, height, width)
        yield call(make, x, make(c, 1, k, k), stride, padding, dilation,
                   groups=c)
        # Sums of many terms are torch's least exact ones.
        if height * width < 1000:
            yield call(make, x, make(c, 1, k, k), stride, padding, dilation,
                       True, 1 if stride == 2 else 0, c)
    # What lies outside of a row has no part in a sum.
    x, gradient = make(2, 3, 6, 5), make(2, 3, 6, 5)
    if x.dtype in FLOATS:
        x[0, 0, 0, 0] = x[1, 1, 3, 4] = float("inf")
        x[0, 2, 5, 4] = float("nan")
        gradient[1, 1, 2, 2] = -float("inf")
        yield Sample((gradient, x, make(3, 1, 3, 3), [3], [1, 1], [1, 1],
                      [1, 1], False, [0, 0], 3, [False, True, True]),
                     rtol=1e-4, atol=2e-4)


def few_channels(make):
    for n, ci, co, height, width, k, stride, padding, dilation in [
            (2, 3, 8, 7, 9, 3, 1, 1, 1), (1, 4, 13, 5, 4, 5, 1, 4, 1),
            (1, 2, 27, 9, 10, 3, [2, 1], 2, 2), (1, 1, 12, 6, 7, 4, 3, 0, 1),
            (2, 2, 9, 1, 5, 3, 1, [1, 3], 1), (1, 3, 24, 40, 41, 3, 2, 1, 1),
            (1, 3, 8, 20, 20, 10, 10, 0, 1)]:
        for layout in (None, "last", "expanded"):
            for x in layouts(make, n, ci, height, width):
                yield call(make, x, make(co, ci, k, k), stride, padding,
                           dilation, layout=layout)
    yield call(make, make(1, 0, 5, 5), make(9, 0, 3, 3))
    # Rows that are longer than what is computed together.
    yield call(make, make(2, 4, 700), make(10, 4, 16), padding=3)
    yield call(make, make(1, 2, 1300), make(9, 2, 5), stride=1, padding=2)


def masks(make):
    for number in range(8):
        mask = [bool(number & bit) for bit in (1, 2, 4)]
        yield call(make, make(2, 3, 7, 7), make(4, 3, 3, 3), mask=mask)
        yield call(make, make(2, 4, 5, 5), make(4, 3, 3, 3), transposed=True,
                   mask=mask, bias=mask[2])


def edges(make):
    for x in layouts(make, 0, 3, 5, 5):
        for w in layouts(make, 4, 3, 3, 3):
            yield call(make, x, w)
    yield call(make, make(1, 0, 5, 5), make(4, 0, 3, 3))
    yield call(make, make(0, 3, 5), make(4, 3, 3))
    yield call(make, make(0, 3, 5, 5, 5), make(4, 3, 3, 3, 3))


def samples(make):
    for kind in (one_dimensional, two_dimensional, transposed,
                 three_dimensional, masks, edges, depthwise, planes,
                 few_channels):
        yield from kind(make)


def integers(make):
    yield call(make, make(2, 4, 7, 7), make(4, 2, 3, 3), dilation=2, groups=2)
    yield call(make, make(1, 3, 6, 6, 6), make(2, 3, 2, 2, 2), dilation=2)


def bad(make):
    x, w, g = make(2, 4, 6, 6), make(6, 4, 3, 3), make(2, 6, 4, 4)

    def broken(message, g=g, x=x, w=w, sizes=(6,), stride=(1, 1),
               padding=(0, 0), dilation=(1, 1), transposed=False, extra=(0, 0),
               groups=1, mask=(True, True, True), **options):
        return Bad((g, x, w, None if sizes is None else list(sizes),
                    list(stride), list(padding), list(dilation), transposed,
                    list(extra), groups, list(mask)), message, **options)

    yield broken("Expected 4-dimensional input for 4-dimensional weight "
                 "[6, 4, 3, 3], but got 3-dimensional input of size [4, 6, 6]",
                 x=make(4, 6, 6))
    yield broken("same number of dimensions, but got: 4 and 3",
                 g=make(6, 4, 4))
    yield broken("weight should have at least three dimensions", x=make(2, 3),
                 w=make(2, 3))
    yield broken("grad_output has the size [2, 6, 4, 5], but the "
                 "convolution's result is [2, 6, 4, 4]", g=make(2, 6, 4, 5))
    yield broken("grad_output has the size [2, 5, 4, 4]", g=make(2, 5, 4, 4))
    yield broken("to have 4 channels, but got 3 channels", x=make(2, 3, 6, 6))
    yield broken("expected weight to be at least 7 at dimension 0", groups=7)
    yield broken("negative padding is not supported", padding=(-1, 0))
    yield broken("non-positive stride is not supported", stride=(0, 1))
    yield broken("output_padding is not supported for non-transposed "
                 "convolutions; got: 1", extra=(0, 1))
    yield broken("Kernel size can't be greater than actual input size",
                 x=make(2, 4, 2, 6))
    yield broken("not implemented for 'Int'", g=g.int(), x=x.int(), w=w.int())
    yield broken("not implemented for 'Long'", g=g.long(), x=x.long(),
                 w=w.long())
    yield broken("should be the same", w=w.double() if w.dtype ==
                 torch.float32 else w.float())
    # torch reads another type's memory.
    yield broken("grad_output is Half", g=g.half(), torch_refuses=False)
    # torch ends the process.
    yield broken("bias_sizes", g=g[:0], x=x[:0], sizes=None,
                 torch_refuses=False)
    yield broken("grad_output is a NULL", g=None, torch_refuses=False)
    # torch's own binding counts the mask.
    yield broken("output_mask has 2 values", mask=(True, True))
