# SPDX-License-Identifier: Apache-2.0
"""Reductions that models call by name."""
import torch
from harness import ALL_COMPLEX, BOOL, FLOATS, INTEGERS, LOW_FLOATS, Bad, op

aten = torch.ops.aten


def real(make):
    # PyTorch compiles it for real tensors: they do not come by name.
    return make(3).real.clone()


def holes(x):
    return torch.where(x.real > 1, x, 0)


def any_dims(make):
    for x in make.layouts(3, 4, 5):
        for dims in [1], [0, -1], None, []:
            yield holes(x), dims, False
            yield x * 0, dims, True
    yield make(), [0], False
    yield make(0, 3), [0], False


def bad_any_dims(make):
    yield (make(3), [1], False), "Dimension out of range"
    yield (make(3), [0, 0], False), "multiple times"
    yield Bad((real(make), [0], False), "only for complex", torch_refuses=False)
    yield (None, [0], False), "self: expected a tensor, got None"


op("aten::any.dims", aten=aten.any.dims, dtypes=ALL_COMPLEX, samples=any_dims,
   bad=bad_any_dims, exact=True)
op("aten::any.dim", aten=aten.any.dim, dtypes=ALL_COMPLEX, exact=True,
   samples=lambda make: ((x, d[0], keep) for x, d, keep in any_dims(make)
                         if d and len(d) == 1),
   bad=lambda make: [((make(3), 1, False), "Dimension out of range"),
                     ((None, 0, False), "self: expected a tensor, got None")])
op("aten::any", aten=aten.any.default, dtypes=ALL_COMPLEX, exact=True,
   samples=lambda make: ((x,) for x, d, _ in any_dims(make) if d is None),
   bad=lambda make: [((None,), "self: expected a tensor, got None")])


def variances(make):
    for x in make.layouts(3, 4, 5):
        yield x, [1], 1, False
        yield x, [0, -1], 0, True
        yield x, None, 2.5, False
        yield x, [], None, True
    yield make(3), [0], 4, False
    yield make(1), [0], 1, False
    yield make(), None, 0, False
    yield make(0, 3), [0], 1, False
    yield make(0, 3), [0], -1, False
    yield make(0, 3), [1], 1, False


def bad_variances(make):
    yield (make(3), [1], 1, False), "Dimension out of range"
    yield (make(3), [0, 0], 1, False), "multiple times"
    yield Bad((real(make), [0], 1, False), "only for complex",
              torch_refuses=False)
    yield (None, [0], 1, False), "self: expected a tensor, got None"


op("aten::var.correction", aten=aten.var.correction, dtypes=ALL_COMPLEX,
   samples=variances, bad=bad_variances)
op("aten::var_mean.correction", aten=aten.var_mean.correction, dtypes=ALL_COMPLEX,
   samples=variances, bad=bad_variances)


def hashes(make):
    for x in make.layouts(3, 4, 5):
        yield x, [1], False, 0
        yield x, [0, 2], True, 0
        yield x, [], False, 0
    yield make(), [], False, 0
    yield make(0, 3), [1], False, 0


def bad_hashes(make):
    yield (make(3), [1], False, 0), "Dimension out of range"
    yield (make(0, 3), [0], False, 0), "reduction dim 0 to have non-zero size"
    yield (make(0), [], False, 0), "reduction dim to be specified"
    yield (make(3), [0], False, 1), "Unknown hash_tensor mode: 1"
    yield (make(3, dtype=torch.complex64), [0], False, 0), "not implemented"
    yield (None, [0], False, 0), "self: expected a tensor, got None"


op("aten::hash_tensor", aten=aten.hash_tensor.default, samples=hashes,
   dtypes=FLOATS + LOW_FLOATS + INTEGERS + BOOL, bad=bad_hashes, exact=True)
