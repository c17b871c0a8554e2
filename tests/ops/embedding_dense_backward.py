# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, Sample, op

ATEN = torch.ops.aten.embedding_dense_backward.default


def call(make, grad, *rest):
    """torch rounds products of the 16-bit types only where a row does not fill
    whole turns of its vector loop."""
    args = (grad, *rest)
    whole = grad.shape[-1] % 64 == 0
    if make.dtype in FLOATS or whole:
        return Sample(args, exact=whole and make.dtype in LOW_FLOATS)
    loose = 2e-2 if make.dtype == torch.bfloat16 else 3e-3
    return Sample(args, rtol=loose, atol=loose)


def samples(make):
    for grad in make.layouts(3, 4, 64):
        for frequency in (False, True):
            for padding in (-1, 2):
                yield call(make, grad, make.index(3, 4, below=9), 9, padding,
                           frequency)
        yield call(make, grad, make.index(3, 4, below=9, layout="transposed"),
                   9, -1, False)
        yield call(make, grad, make.index(3, 4, below=9).int(), 11, -1, False)
    yield call(make, make(12, 7), make.index(12, below=3), 3, -1, True)
    yield call(make, make(7), torch.tensor(1), 3, -1, False)
    yield make(0, 7), torch.zeros(0, dtype=torch.int64), 3, -1, True
    yield call(make, make(3000, 64), make.index(3000, below=50), 50, 4, True)


def bad(make):
    indices = torch.tensor([0, 2, 4])
    yield (make(3, 2), indices.float(), 5, -1, False), "indices is Float"
    yield (make(4, 2), indices, 5, -1, False), "expected 3 rows of 2"
    yield (make(3, 2), indices, -5, -1, False), "num_weights is -5"
    # torch writes out of bounds.
    yield Bad((make(3, 2), indices, 4, -1, False),
              "indices: index 2 takes the value 4", torch_refuses=False)
    yield Bad((make(3, 2), -indices, 5, -1, False), "takes the value -2",
              torch_refuses=False)
    # Whole numbers have no gradient.
    yield Bad((make(3, 2).int(), indices, 5, -1, False), "grad_output is Int",
              torch_refuses=False)


op("aten::embedding_dense_backward", aten=ATEN, dtypes=FLOATS + LOW_FLOATS)
