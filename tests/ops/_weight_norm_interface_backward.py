# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aten::_weight_norm_interface_backward",
   aten=torch.ops.aten._weight_norm_interface_backward.default,
   dtypes=FLOATS + LOW_FLOATS)


def saved(v, dim):
    """g and the norms of an earlier call."""
    sizes = [1] * v.dim()
    sizes[dim] = v.shape[dim]
    g = torch.linspace(0.5, 2, v.shape[dim]).reshape(sizes).to(v.dtype)
    return g, torch.ops.aten._weight_norm_interface.default(v, g, dim)[1]


def samples(make):
    for sizes in [(7,), (1, 1), (5, 3), (3, 4, 5), (2, 3, 4, 5), (40, 33)]:
        v = make(*sizes)
        for dim in {0, len(sizes) - 1}:
            yield make(*sizes), v, *saved(v, dim), dim
            # PyTorch reads what is not contiguous as if it were.
            yield make(*sizes, layout="offset"), v, *saved(v, dim), dim
    v = make(4, 3)
    yield make(4, 3), v * 0, *saved(v, 0), 0
    yield make(0, 3), make(0, 3), *saved(v, 1), 1
    yield make(4, 0), make(4, 0), *saved(v, 0), 0


def bad(make):
    v = make(4, 3, 5)
    g, norms = saved(v, 0)
    yield (make(4, 3, 5), v, g, norms, 1), "first or last dim, got dim 1"
    yield (make(4, 3, 5), v, g, norms, -1), "first or last dim, got dim -1"
    yield (make(4, 3, 5).double(), v, g, norms, 0), "but found Double"
    yield (make(4, 3, 5), v, g.double(), norms, 0), "saved_g: expected"
    yield (make(4, 3, 5), v, g, norms.double(), 0), "saved_norms: expected"
    yield ((make(4, 3, 5).int(), v.int(), g.int(), norms.int(), 0),
           "not implemented for 'Int'")
    # torch reads and writes beyond the tensors.
    for args, message in [
            ((make(4, 3, 4), v, g, norms, 0), "must have the sizes of saved_v"),
            ((make(4, 3, 5), v, g[:2], norms, 0), "saved_g: expected 4 numbers"),
            ((make(4, 3, 5), v, g, norms[:2], 0), "expected 4 numbers, one")]:
        yield Bad(args, message, torch_refuses=False)
    yield (make(4, 3, 5), None, g, norms, 0), "saved_v: expected a tensor"
