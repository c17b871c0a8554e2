# SPDX-License-Identifier: Apache-2.0
"""aten::resize_ and aten::resize_as_: the handle itself changes."""
import torch
from harness import COMPLEX, FLOATS, INTEGERS, Bad, op

aten = torch.ops.aten


def same_beginning(actual, expected, args):
    """What was in the tensor's memory before: the rest has no values."""
    before = args[0]
    known = 0 if before.numel() == 0 else 1 + sum(
        (n - 1) * stride for n, stride in zip(before.shape, before.stride()))
    count = min(expected.numel(), known)
    if count > 0 and expected.is_contiguous():
        assert torch.equal(actual.reshape(-1)[:count],
                           expected.reshape(-1)[:count])


def tensors(make):
    yield from make.layouts(2, 3, 4, 5)
    yield make(6)
    yield make()
    yield make(0, 3)
    yield make(2, 3, 2, 3, 2, 3, 2)


SIZES = ([], [7], [2, 3], [2, 3, 4, 5], [2, 3, 4, 6], [0, 7], [3, 4, 2, 2, 1],
         [2, 2, 2, 2, 2, 2, 2, 2], [100, 100])


def samples(make):
    for sizes in SIZES:
        for x in tensors(make):
            yield x, sizes, None
        yield make(2, 3, 4, 5).transpose(1, 3), sizes, torch.contiguous_format
    for x in tensors(make):
        yield x, [2, 3, 4, 5], torch.channels_last
        yield x, [2, 3, 2, 2, 2], torch.channels_last_3d


def bad(make):
    yield (make(3), [2, 2], torch.channels_last), "required rank 4 tensor"
    yield (make(3), [2, 2], torch.preserve_format), "Unsupported memory format"
    yield (make(3), [2, -2], None), "negative size of -2"
    yield (make(3), [2**40, 2**40], None), "too large"
    yield Bad((None, [3], None), "self is a NULL", torch_refuses=False)


def samples_as(make):
    for sizes in SIZES:
        for x in tensors(make):
            yield x, make(*sizes, dtype=torch.int8), None
    for x in tensors(make):
        for layout in ("contiguous", "channels_last", "permuted"):
            for memory_format in (torch.preserve_format, torch.channels_last,
                                  torch.contiguous_format):
                yield x, make(2, 3, 4, 5, layout=layout), memory_format


def bad_as(make):
    yield (make(3), make(2), torch.channels_last), "required rank 4 tensor"
    yield Bad((None, make(3), None), "self is a NULL", torch_refuses=False)
    yield Bad((make(3), None, None), "the_template is a NULL",
              torch_refuses=False)


DTYPES = FLOATS + INTEGERS[:1] + COMPLEX[1:]
op("aoti_torch_cpu_resize_", aten=aten.resize_.default, dtypes=DTYPES,
   outputs=(), changes=(0,), compare=same_beginning)
op("aoti_torch_cpu_resize_as_", aten=aten.resize_as_.default, dtypes=DTYPES,
   outputs=(), changes=(0,), compare=same_beginning, samples=samples_as,
   bad=bad_as)
