# SPDX-License-Identifier: Apache-2.0
"""Indexing of complex tensors, which models call by name."""
import torch
from harness import COMPLEX, FLOATS, INTEGERS, Bad, op

aten = torch.ops.aten
DTYPES = COMPLEX + FLOATS


def gather(make):
    for x in make.layouts(3, 4, 5):
        yield x, 1, make.index(2, 7, 5, below=4), False
        yield x, -1, make.index(3, 4, 2, below=5, dtype=torch.int32), False
        yield x, 0, make.index(1, 1, 5, below=3, layout="sliced"), False
    yield make(3), 0, make.index(0, below=1), False
    yield make(), 0, torch.tensor(0), False
    yield make(), 0, torch.tensor([0, 0, 0]), False
    yield make(4), 0, torch.tensor(2), False
    yield make(0, 3), 0, make.index(0, 3, below=1), False
    yield make(3), 0, make.index(0, below=1, dtype=torch.uint8), False


def bad_gather(make):
    i = make.index(3, 4, below=3)
    yield (make(3, 4), 0, i + 3, False), "out of bounds for dimension 0"
    yield (make(3, 4), 0, i - 9, False), "out of bounds for dimension 0"
    yield (make(3, 2), 0, i, False), "no larger than self"
    yield (make(3), 0, i, False), "same number of dimensions"
    yield (make(3, 4), 2, i, False), "Dimension out of range"
    yield (make(3, 4), 0, i.float(), False), "int32/int64 for index"
    yield (None, 0, i, False), "self: expected a tensor, got None"
    yield (make(3, 4), 0, None, False), "index: expected a tensor, got None"


op("aten::gather", aten=aten.gather.default, dtypes=DTYPES + INTEGERS,
   samples=gather, bad=bad_gather, exact=True)


def scatter(make):
    for x in make.layouts(3, 4, 5):
        # No place twice: which one stays is open.
        yield x, 1, make.order(4)[None, :3, None].repeat(2, 1, 5), make(3, 4, 5)
    yield make(4), 0, make.order(4), make(4)
    yield make(), 0, torch.tensor(0), make()
    yield make(4), 0, make.index(0, below=1), make(0)


def bad_scatter(make):
    i = make.index(3, 4, below=3)
    yield (make(3, 4), 0, i + 3, make(3, 4)), "out of bounds"
    yield (make(3, 4), 0, i, make(2, 4)), "no larger than src"
    yield (make(3, 4), 0, i, make(3, 4).to(torch.float16)), "src"
    yield (make(3, 4), 0, i.float(), make(3, 4)), "index"
    yield (make(3, 4), 2, i, make(3, 4)), "Dimension out of range"
    yield (None, 0, i, make(3, 4)), "self: expected a tensor, got None"


op("aten::scatter.src", aten=aten.scatter.src, dtypes=DTYPES, samples=scatter,
   bad=bad_scatter, exact=True)


def values(make):
    for x, dim, index, _ in scatter(make):
        yield x, dim, index, 2
        yield x, dim, index, 2.5
    if make.dtype == torch.int64:
        for value in 2**53 + 1, 2**63 - 1, -2**63:
            yield make(3), 0, make.order(3), value


def bad_values(make):
    i = make.index(3, 4, below=3)
    yield (make(3, 4), 0, i + 3, 1), "out of bounds"
    yield (make(3, 4), 0, i, None), "value: expected a number"
    yield (make(3, 4).real.clone(), 0, i, 1j), "without overflow"
    for value in 300, -256, float("nan"):
        yield ((make(3, 4, dtype=torch.uint8), 0, i, value),
               "cannot be converted to type")


op("aten::scatter.value", aten=aten.scatter.value, dtypes=DTYPES + INTEGERS,
   samples=values, bad=bad_values, exact=True)


def scatter_add(make):
    yield from scatter(make)
    for x in make.layouts(3, 4, 5):
        yield x, 1, make.index(2, 4, 5, below=4), make(3, 4, 5)


op("aten::scatter_add", aten=aten.scatter_add.default, dtypes=DTYPES,
   samples=scatter_add, bad=bad_scatter)


def index(make):
    for x in make.layouts(3, 4, 5):
        yield x, [make.index(6, below=3)]
        yield x, [None, make.index(2, 3, below=4)]
        yield x, [make.index(3, below=3), None, make.index(3, below=5)]
        yield x, [make.index(3, below=3) - 3]
    yield make(0, 3), [None, make.index(2, below=3)]


def bad_index(make):
    yield (make(3), [make.index(2, below=1) + 3]), "out of bounds"
    yield (make(3), [make.index(2, below=3)] * 2), "too many indices"
    yield (make(3), None), "indices: expected a list of tensors, got None"
    yield (None, [make.index(2, below=3)]), "self: expected a tensor, got None"


op("aten::_unsafe_index.Tensor", aten=aten._unsafe_index.Tensor, dtypes=DTYPES,
   samples=index, bad=bad_index, exact=True)


def put(make):
    for x in make.layouts(3, 4, 5):
        if 0 not in x.stride():
            yield x, [make.order(3)[:2]], make(2, 4, 5), False
            yield x, [None, make.order(4)], make(5), False
            yield x, [make.index(6, below=3)], make(6, 4, 5), True
    yield make(3), [make.index(0, below=1)], make(0), False


def bad_put(make):
    i = make.index(2, below=3)
    yield (make(3), [i + 3], make(2), False), "out of bounds"
    yield (make(3), [i], make(3), False), "shape mismatch"
    yield (make(3), [i], make(2).to(torch.float16), False), "dtypes match"
    yield (None, [i], make(2), False), "self: expected a tensor, got None"


op("aten::index_put_", aten=aten.index_put_.default, dtypes=DTYPES, samples=put,
   bad=bad_put, outputs=["Tensor"])


def masked(make):
    for x in make.layouts(3, 4, 5):
        yield x, make(6, 1, 1, dtype=torch.bool), [make.index(6, below=9) - 4], 2
        yield (x, make(3, 2, 3, 5, dtype=torch.bool),
               [None, make.index(2, 3, below=20, dtype=torch.int32)], 1.5)
        yield (x, make(3, 1, dtype=torch.bool),
               [make.index(3, below=3), None, make.index(3, below=9)], 0)
    yield make(3), make(4, 1, dtype=torch.bool), [make.index(2, below=3)], 2
    yield make(3), make(2, 2, dtype=torch.bool), [make.index(1, below=3)], 2


def bad_masked(make):
    i, mask = make.index(2, below=3), make(2, dtype=torch.bool)
    yield (make(3), mask, [i.float()], 0), "must be long or int tensors"
    yield (make(3), mask, [i, i], 0), "too many indices"
    yield (make(3), make(4, dtype=torch.bool), [i], 0), "mask: The size of tensor a (2)"
    yield (make(3), mask, [i], None), "fill: expected a number, got None"
    # PyTorch takes any mask that is not 0; models have bool ones.
    yield Bad((make(3), mask.float(), [i], 0), "mask: expected a Bool tensor",
              torch_refuses=False)
    yield (None, mask, [i], 0), "self: expected a tensor, got None"


op("aten::_unsafe_masked_index", aten=aten._unsafe_masked_index.default,
   dtypes=DTYPES, samples=masked, bad=bad_masked, exact=True)


def masked_put(make):
    for x in make.layouts(3, 4, 5):
        if 0 in x.stride():
            continue
        yield (x, make(6, 1, 1, dtype=torch.bool), [make.index(6, below=9) - 4],
               make(6, 4, 5))
        yield (x, make(3, 2, 3, 5, dtype=torch.bool),
               [None, make.index(2, 3, below=20, dtype=torch.int32)],
               make(3, 2, 3, 5))


def bad_masked_put(make):
    i, mask = make.index(2, below=3), make(2, dtype=torch.bool)
    yield (make(3), mask, [i], make(2).half()), "dtypes match"
    yield (make(3), mask, [i], make(3)), "output with shape [3]"
    yield (make(3), mask, [i, i], make(2)), "too many indices"
    yield (None, mask, [i], make(2)), "self: expected a tensor, got None"


op("aten::_unsafe_masked_index_put_accumulate",
   aten=aten._unsafe_masked_index_put_accumulate.default, dtypes=DTYPES,
   samples=masked_put, bad=bad_masked_put)
