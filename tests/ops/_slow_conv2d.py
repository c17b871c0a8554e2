# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, INTEGERS, LOW_FLOATS, Bad, Sample, op

aten = torch.ops.aten

ALL = [True] * 3
# channels in, channels out, kernel, stride, padding
SHAPES = [(3, 5, (3, 3), (1, 1), (1, 1)), (4, 6, (1, 1), (1, 1), (0, 0)),
          (4, 6, (1, 1), (2, 2), (0, 0)), (1, 8, (2, 3), (2, 1), (0, 2)),
          (2, 3, (5, 1), (3, 2), (4, 1)), (16, 20, (3, 3), (2, 2), (1, 1)),
          (3, 9, (3, 3), (1, 1), (1, 1)), (2, 14, (3, 5), (2, 1), (2, 4))]


def last(x):
    return x.contiguous(memory_format=torch.channels_last)


def is_last(x):
    return torch._prims_common.suggest_memory_format(x) == torch.channels_last


def layouts(x):
    yield x
    yield last(x)


def shapes(make):
    for ci, co, k, stride, padding in SHAPES:
        for x in layouts(make(2, ci, 7, 9)):
            for w in layouts(make(co, ci, *k)):
                yield x, w, list(k), list(stride), list(padding)
    w = make(5, 4, 3, 3)
    for x in make.layouts(2, 4, 6, 7):
        yield x, w, [3, 3], [1, 1], [1, 1]
        if not is_last(x):
            yield x, w.reshape(5, 36), [3, 3], [1, 1], [1, 1]
    # The same weights read as another kernel.
    yield make(2, 4, 9, 9), w, [9, 1], [1, 1], [0, 0]
    yield last(make(2, 4, 9, 9)), w, [1, 9], [1, 1], [0, 0]
    yield make(2, 12, 5, 6), w, [3, 1], [1, 1], [0, 0]
    yield make(0, 4, 6, 7), w, [3, 3], [1, 1], [1, 1]
    yield make(3, 1, 1, 1), make(1, 1, 1, 1), [1, 1], [1, 1], [0, 0]


def sample(make, *args):
    # Sums in another order, which torch rounds in between.
    if make.dtype in LOW_FLOATS:
        loose = 3e-2 if make.dtype == torch.bfloat16 else 5e-3
        return Sample(args, rtol=loose, atol=8 * loose)
    if make.dtype == torch.float32:
        return Sample(args, rtol=1e-5, atol=1e-4)
    return args


def samples(make):
    for i, (x, w, k, stride, padding) in enumerate(shapes(make)):
        bias = make(w.shape[0]) if i % 3 else None
        yield sample(make, x, w, k, bias, stride, padding)
    x, w = make(2, 4, 6, 7), make(5, 4, 3, 3)
    yield sample(make, x, w, [3, 3], make(5).double(), [1, 1], [1, 1])
    yield sample(make, x, w, [3, 3], make(10)[::2], [1, 1], [1, 1])
    if make.dtype.is_floating_point:
        for bias in (None, make(5)):
            yield make(2, 0, 6, 7), w, [3, 3], bias, [1, 1], [1, 1]


def bad(make):
    x, w, b, one = make(2, 4, 6, 7), make(5, 4, 3, 3), make(5), [1, 1]

    def call(x=x, w=w, k=(3, 3), b=b, stride=(1, 1), padding=(1, 1)):
        return x, w, list(k), b, list(stride), list(padding)

    yield call(k=[3]), "2D kernel_size expected"
    yield call(stride=[1]), "2D stride expected"
    yield call(padding=[1]), "2D padding expected"
    yield call(k=[0, 3]), "kernel size should be greater than zero"
    yield call(stride=[0, 1]), "stride should be greater than zero"
    yield call(x=x[0]), "Expected 4D input"
    yield call(x=make(2, 4, 0, 7)), "Expected non-zero size for input dimension"
    yield call(x=make(2, 3, 6, 7)), "tensor.size[1] == 4"
    yield call(k=[2, 2]), "tensor.size[1] == 9"
    yield call(w=make(5, 4, 3)), "non-empty 2D or 4D weight"
    yield call(w=make(5, 0, 3, 3)), "non-empty 2D or 4D weight"
    yield call(b=make(4)), "tensor.size[0] == 5"
    yield call(k=[9, 4]), "Kernel size can't be greater"
    # torch computes sizes with it and then reads the wrong elements.
    yield Bad(call(padding=[0, -1]), "negative padding", torch_refuses=False)
    yield (call(x=last(x), w=w.reshape(5, 36)),
           "required rank 4 tensor to use channels_last format")
    other = torch.float64 if make.dtype != torch.float64 else torch.float32
    yield call(w=make(5, 4, 3, 3, dtype=other)), "expected scalar type"
    # torch reads rows of another length.
    yield Bad(call(x=make(2, 4, 6, 7), w=make(5, 37)), "which are no channels",
              torch_refuses=False)
    yield call(x=x.bool(), w=w.bool(), b=None), "not implemented for 'Bool'"
    yield (call(x=x.to(torch.complex64), w=w.to(torch.complex64), b=None),
           "not implemented for 'ComplexFloat'")
    yield (x, w, [3, 3], b, one, None), "padding"


def gradient_samples(make):
    for i, (x, w, k, stride, padding) in enumerate(shapes(make)):
        if x.dim() != 4 or is_last(x) and not (w.dim() == 4 and is_last(w)):
            continue  # refused: see below
        out = aten._slow_conv2d_forward(x, w, k, None, stride, padding)
        g = make(*out.shape)
        # torch reads the input's memory as if it were in the format that it
        # computes in, and takes it for the weight's gradient as it came.
        form = (torch.channels_last if w.dim() == 4 and is_last(w)
                else torch.contiguous_format)
        mask = [True, x.is_contiguous(memory_format=form), True]
        for gradient in (g, last(g)) if i % 2 else (g,):
            args = (gradient, x, w, k, stride, padding, mask)
            # Sums in another order, which torch rounds in between.
            if make.dtype in LOW_FLOATS:
                loose = 3e-2 if make.dtype == torch.bfloat16 else 5e-3
                yield Sample(args, rtol=loose, atol=16 * loose)
            elif make.dtype == torch.float32:
                yield Sample(args, rtol=1e-4, atol=2e-4)
            else:
                yield args
    x, w, g = make(1, 2, 4, 4), make(3, 2, 1, 1), make(1, 3, 4, 4)
    for mask in ([True, False, False], [False, True, False],
                 [False, False, True], [False, True, True]):
        yield g, x, w, [1, 1], [1, 1], [0, 0], mask
    # A weight that is both.
    yield g, last(x), w, [1, 1], [1, 1], [0, 0], ALL


def bad_gradients(make):
    x, w, g = make(2, 4, 6, 7), make(5, 4, 3, 3), make(2, 5, 6, 7)

    def call(g=g, x=x, w=w, k=(3, 3), stride=(1, 1), padding=(1, 1), mask=ALL):
        return g, x, w, list(k), list(stride), list(padding), mask

    yield call(g=make(2, 4, 6, 7)), "grad_output: Expected"
    yield call(g=make(2, 5, 6, 6)), "grad_output: Expected"
    # torch reads on behind its end.
    yield Bad(call(g=make(1, 5, 6, 7)), "grad_output: Expected",
              torch_refuses=False)
    yield call(x=last(x)), "grad_weight must be contiguous"
    yield call(x=make(2, 3, 6, 7)), "tensor.size[1] == 4"
    # torch reads what is not there.
    yield Bad(call(x=make(2, 0, 6, 7)), "tensor.size[1] == 4",
              torch_refuses=False)
    yield call(stride=[0, 1]), "stride should be greater than zero"
    other = torch.float64 if make.dtype != torch.float64 else torch.float32
    yield call(g=make(2, 5, 6, 7, dtype=other)), "expected scalar type"
    yield call(mask=[True, True]), "output_mask has 2 values"
    yield (call(g=g.int(), x=x.int(), w=w.int()), "not implemented for 'Int'")


op("aten::_slow_conv2d_forward", aten=aten._slow_conv2d_forward.default,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS, samples=samples, bad=bad)
op("aten::_slow_conv2d_backward.output_mask",
   aten=aten._slow_conv2d_backward.output_mask, outputs=("Tensor",) * 3,
   dtypes=FLOATS + LOW_FLOATS, samples=gradient_samples, bad=bad_gradients)
