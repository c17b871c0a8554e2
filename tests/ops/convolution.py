# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, Sample, op

ATEN = torch.ops.aten.convolution.default


op("aoti_torch_cpu_convolution", aten=ATEN,
   dtypes=FLOATS + LOW_FLOATS + (torch.int64,))
op("aoti_torch_convolution", bad=False,
   reference=lambda *args: ATEN(*args[:6], bool(args[6]), *args[7:]),
   dtypes=(torch.float32,))


def call(x, w, bias=None, stride=1, padding=0, dilation=1, transposed=False,
         output_padding=0, groups=1):
    dims = w.dim() - 2
    lists = [[v] * dims if isinstance(v, int) else v
             for v in (stride, padding, dilation, output_padding)]
    args = (x, w, bias, *lists[:3], transposed, lists[3], groups)
    if x.dtype in LOW_FLOATS:
        loose = 2e-2 if x.dtype == torch.bfloat16 else 4e-3
        return Sample(args, rtol=loose, atol=8 * loose)
    if x.dtype == torch.float32:
        return Sample(args, rtol=1e-4, atol=1e-4)
    return args


def one_dimensional(make):
    for x in make.layouts(2, 3, 11):
        yield call(x, make(5, 3, 4), make(5), stride=2, padding=1)
    yield call(make(1, 4, 20), make(4, 1, 3), groups=4, padding=2)
    yield call(make(1, 4, 9), make(6, 4, 3, layout="permuted"))
    yield call(make(2, 4, 9), make(4, 3, 3), make(3), transposed=True, stride=3,
               output_padding=2)


def two_dimensional(make):
    for x in make.layouts(2, 3, 8, 9):
        for w in make.layouts(5, 3, 3, 3):
            yield call(x, w, padding=1)
    for layout in ("contiguous", "channels_last"):
        for n, ci, co, k, stride, padding, dilation, groups in [
                (1, 1, 24, 3, 1, 1, 1, 1), (1, 24, 48, 3, 1, 1, 1, 1),
                (1, 3, 17, 7, 2, 3, 1, 1), (2, 16, 33, 1, 1, 0, 1, 1),
                (1, 16, 8, 1, 2, 0, 1, 1), (2, 8, 12, 3, 1, 2, 2, 4),
                (1, 64, 64, 3, 1, 1, 1, 1), (1, 32, 7, 3, 1, 0, 1, 1),
                (2, 12, 12, 3, 2, 1, 1, 12), (1, 37, 37, 5, 1, 2, 1, 37),
                (1, 6, 12, 3, 1, 1, 1, 6), (17, 8, 8, 3, 1, 1, 1, 1),
                # Groups that fill a vector together, and some that do not.
                (2, 32, 32, 3, 1, 1, 1, 8), (1, 32, 32, 3, 2, 1, 2, 16),
                (1, 32, 32, 3, 1, 2, 1, 4), (1, 12, 12, 3, 1, 1, 1, 3)]:
            x = make(n, ci, 10, 11, layout=layout)
            w = make(co, ci // groups, k, k, layout=layout)
            yield call(x, w, make(co), stride, padding, dilation, False, 0,
                       groups)
    for layout in ("contiguous", "channels_last"):
        # Few input channels, whose taps are gathered by runs of all lengths.
        for c, kernel, stride, padding in [
                (3, (8, 16), [8, 16], [0, 0]), (2, (2, 2), [1, 3], [1, 1]),
                (2, (3, 7), [2, 1], [1, 3]), (3, (3, 5), [1, 2], [0, 4]),
                (3, (7, 7), [2, 2], [9, 9]), (3, (3, 3), [2, 2], [1, 1])]:
            for width in (4, 35):
                if width + 2 * padding[1] >= kernel[1]:
                    yield call(make(2, c, 17, width, layout=layout),
                               make(20, c, *kernel), make(20), stride, padding)
    yield call(make(1, 4, 12, 12), make(6, 4, 2, 3), None, [2, 1], [0, 1],
               [3, 2])
    yield call(make(1, 4, 5, 5), make(3, 4, 1, 1), padding=1)
    # One value for all dimensions.
    yield (make(1, 2, 6, 6), make(3, 2, 3, 3), None, [2], [1], [1], False, [0],
           1)
    # A slice of the channels is still channels last.
    yield call(make(1, 16, 6, 6, layout="channels_last")[:, 4:12],
               make(4, 8, 3, 3))


def transposed(make):
    for layout in ("contiguous", "channels_last"):
        for ci, co, k, stride, padding, extra, dilation, groups in [
                (8, 6, 2, 2, 0, 0, 1, 1), (8, 20, 3, 2, 1, 1, 1, 1),
                (6, 6, 3, 1, 1, 0, 2, 6), (8, 12, 4, 3, 2, 2, 1, 4),
                (3, 5, 1, 2, 0, 1, 1, 1), (16, 16, 3, 1, 0, 0, 1, 1),
                (32, 32, 3, 2, 1, 1, 1, 8)]:
            yield call(make(2, ci, 5, 6, layout=layout),
                       make(ci, co // groups, k, k, layout=layout), make(co),
                       stride, padding, dilation, True, extra, groups)


def three_dimensional(make):
    for x in make.layouts(2, 4, 4, 5, 6):
        yield call(x, make(6, 4, 2, 3, 3), make(6), padding=1)
    yield call(make(1, 4, 5, 5, 5), make(4, 2, 3, 3, 3), dilation=2, groups=2)
    yield call(make(1, 4, 3, 4, 5), make(4, 3, 2, 2, 2), transposed=True,
               stride=2)
    yield call(make(1, 3, 9, 30, 30, layout="channels_last"),
               make(4, 3, 3, 3, 3))


# channels, height, width, kernel, stride, padding, dilation
DEPTHWISE = [
    (5, 6, 7, 3, 1, 1, 1),      # fewer channels than a vector has
    (19, 5, 1, 3, 1, 1, 1),     # no column whose taps are all inside
    (16, 4, 6, 5, 1, 2, 1), (40, 7, 7, 5, 1, 2, 1), (33, 9, 8, 3, 2, 1, 1),
    (24, 6, 23, 3, 1, 2, 2), (8, 3, 7, 3, 3, 4, 1), (72, 3, 21, 2, 2, 0, 1),
    (9, 2, 230, 3, 1, 1, 1),    # lines that are cut
    (12, 5, 13, 7, 2, 3, 1), (20, 4, 9, 1, 2, 1, 1), (8, 3, 5, 4, 1, 4, 2)]


def depthwise(make):
    for c, height, width, k, stride, padding, dilation in DEPTHWISE:
        x = make(2, c, height, width, layout="channels_last")
        yield call(x, make(c, 1, k, k), make(c), stride, padding, dilation,
                   False, 0, c)
        yield call(x, make(c, 1, k, k), make(c), stride, padding, dilation,
                   True, [min(stride, 2) - 1, 0], c)
    yield call(make(1, 20, 9, 11), make(20, 1, 3, 3), None, [2, 1], [0, 2],
               [1, 3], groups=20)
    yield call(make(1, 9, 4, 5, 6, layout="channels_last"),
               make(9, 1, 2, 3, 3), make(9), [1, 2, 1], [1, 1, 2], groups=9)


def few_channels(make):
    for n, ci, co, height, width, k, stride, padding, dilation in [
            (2, 3, 8, 7, 9, 3, 1, 1, 1), (1, 4, 13, 5, 4, 5, 1, 4, 1),
            (1, 2, 27, 9, 10, 3, [2, 1], 2, 2), (1, 1, 12, 6, 7, 4, 1, 0, 1),
            (2, 3, 9, 1, 5, 3, 1, [1, 3], 1), (1, 3, 24, 40, 41, 3, 1, 1, 1)]:
        for layout in ("contiguous", "permuted"):
            x = make(n, ci, height, width, layout=layout)
            yield call(x, make(co, ci, k, k), make(co), stride, padding,
                       dilation)
        yield call(make(n, ci, height, width), make(co, ci, k, k), None,
                   stride, padding, dilation)
    # Tiles of vectors and of channels, whole and in part, and bands of rows.
    for co, height, width, k, stride in [
            (5, 5, 18, 3, 1), (6, 7, 65, 3, 2), (7, 6, 50, 3, [2, 1]),
            (13, 5, 66, 3, 1), (8, 9, 131, 7, 2), (2, 120, 113, 3, [3, 2]),
            (25, 40, 35, 5, 2)]:
        yield call(make(2, 3, height, width), make(co, 3, k, k), make(co),
                   stride, k // 2)
    yield call(make(1, 0, 5, 5), make(9, 0, 3, 3))
    # A row that is longer than what is computed together.
    yield call(make(2, 4, 700), make(10, 4, 16), make(10), padding=3)


def few_pixels(make):
    # Weights that are read as they lie, in the order of taps or of channels.
    for n, ci, co, height, width, k, stride, padding, dilation, groups in [
            (1, 16, 64, 3, 4, 1, 1, 0, 1, 1), (1, 32, 70, 5, 3, 3, 1, 1, 1, 1),
            (2, 17, 65, 4, 4, 1, 1, 0, 1, 1), (1, 16, 67, 7, 7, 3, 1, 1, 1, 1),
            (3, 5, 80, 9, 8, [2, 3], 2, [1, 2], [2, 1], 1),
            (1, 1100, 64, 3, 11, 1, 1, 0, 1, 1),
            (2, 12, 130, 6, 6, 3, 1, 0, 2, 2), (1, 16, 64, 8, 16, 1, 1, 0, 1, 1),
            (4, 20, 96, 7, 7, 1, [1, 2], 0, 1, 1)]:
        k = [k, k] if isinstance(k, int) else k
        for layout in ("contiguous", "channels_last"):
            for weight in ("contiguous", "channels_last"):
                yield call(make(n, ci, height, width, layout=layout),
                           make(co, ci // groups, *k, layout=weight), make(co),
                           stride, padding, dilation, False, 0, groups)
    for n, ci, co, size, k, stride in [(1, 3, 64, 35, 5, 5), (2, 2, 66, 20, 4, 4),
                                       (1, 1, 64, 35, 3, 2), (1, 3, 64, 16, 8, 2)]:
        yield call(make(n, ci, size, size), make(co, ci, k, k), make(co),
                   stride)
    yield call(make(2, 16, 20), make(64, 16, 3))
    yield call(make(1, 8, 3, 4, 5), make(64, 8, 2, 2, 2), padding=1, stride=2)


def edges(make):
    yield call(make(0, 3, 5, 5), make(4, 3, 3, 3), make(4))
    yield call(make(0, 4, 5, 5, layout="channels_last"), make(4, 4, 3, 3),
               padding=1)
    yield call(make(1, 0, 5, 5), make(4, 0, 3, 3))
    yield call(make(0, 3, 5), make(4, 3, 3))
    yield call(make(1, 3, 1, 1), make(4, 3, 1, 1), make(4))
    yield call(make(2, 8, 1, 1, layout="channels_last"), make(9, 8, 1, 1))


def samples(make):
    for kind in (one_dimensional, two_dimensional, three_dimensional, edges):
        yield from kind(make)
    for kind in (transposed, depthwise, few_channels, few_pixels):
        yield from kind(make)


def bad(make):
    x, w = make(1, 4, 6, 6), make(6, 4, 3, 3)

    def broken(message, x=x, w=w, bias=None, stride=(1, 1), padding=(0, 0),
               dilation=(1, 1), transposed=False, extra=(0, 0), groups=1,
               **options):
        return Bad((x, w, bias, list(stride), list(padding), list(dilation),
                    transposed, list(extra), groups), message, **options)

    yield broken("Expected 4-dimensional input for 4-dimensional weight "
                 "[6, 4, 3, 3], but got 3-dimensional input of size [4, 6, 6]",
                 x=make(4, 6, 6))
    yield broken("weight should have at least three dimensions", x=make(2, 3),
                 w=make(2, 3))
    yield broken("expected input[1, 3, 6, 6] to have 4 channels, but got 3 "
                 "channels instead", x=make(1, 3, 6, 6))
    yield broken("non-positive groups is not supported", groups=0)
    yield broken("expected weight to be at least 7 at dimension 0", groups=7)
    yield broken("expected weight to be divisible by 4 at dimension 0",
                 groups=4)
    yield broken("expected bias to be 1-dimensional with 6 elements, but got "
                 "bias of size [5] instead", bias=make(5))
    yield broken("Calculated padded input size per channel: (2 x 6). Kernel "
                 "size: (3 x 3). Kernel size can't be greater than actual "
                 "input size", x=make(1, 4, 2, 6))
    yield broken("negative padding is not supported", padding=(-1, 0))
    yield broken("non-positive stride is not supported", stride=(0, 1))
    yield broken("non-positive dilation is not supported", x=make(2, 4, 6, 6),
                 dilation=(0, 1))
    yield broken("expected padding to be a single integer value or a list of "
                 "2 values to match the convolution dimensions, but got "
                 "padding=[0, 1, 2]", padding=(0, 1, 2))
    yield broken("negative output_padding is not supported", transposed=True,
                 extra=(-1, 0), w=make(4, 6, 3, 3))
    yield broken("output padding must be smaller than either stride or "
                 "dilation, but got output_padding_height: 1 "
                 "output_padding_width: 0", transposed=True, extra=(1, 0),
                 w=make(4, 6, 3, 3))
    yield broken("Output size is too small", x=make(1, 4, 1, 1),
                 w=make(4, 5, 1, 1), transposed=True, padding=(1, 1))
    yield broken("Only zero batch or zero channel inputs are supported, but "
                 "got input shape: [1, 4, 0, 6]", x=make(1, 4, 0, 6),
                 padding=(2, 2))
    yield broken("kernel size should be greater than zero", w=make(6, 4, 0, 3))
    yield broken("not implemented for 'Bool'", x=make(1, 4, 6, 6).bool(),
                 w=w.bool())
    yield broken("should be the same", x=make(2, 4, 6, 6),
                 w=w.double() if w.dtype == torch.float32 else w.float())
    yield broken("unsupported ConvNd parameters", x=make(1, 2, 3, 3, 3, 3),
                 w=make(3, 2, 2, 2, 2, 2), stride=(1,) * 4, padding=(0,) * 4,
                 dilation=(1,) * 4, extra=(0,) * 4)
    # torch tries to allocate what this asks for, or overflows.
    yield broken("padding of 4611686018427387904 is too large",
                 padding=(1 << 62, 0), torch_refuses=False)
