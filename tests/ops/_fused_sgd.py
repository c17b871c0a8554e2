# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

aten = torch.ops.aten
KEYWORDS = ("weight_decay", "momentum", "lr", "dampening", "nesterov",
            "maximize", "is_first_step", "grad_scale", "found_inf")


def reference(overload):
    def call(*args):
        lists = overload(*args[:3], **dict(zip(KEYWORDS, args[3:])))
        return [t for list in lists for t in list]
    return call


def samples_of(sizes, momentum, as_tensor):
    lr = torch.tensor(0.1) if as_tensor else 0.1

    def samples(make):
        for layout in ("contiguous", "transposed", "sliced"):
            p, g, m = [[make(*s, layout=layout) for s in sizes]
                       for _ in range(3)]
            lists = p, g, m if momentum else []
            for decay, nesterov, maximize, first in [
                    (0.0, False, False, False), (0.1, True, True, False),
                    (0.1, False, False, True)]:
                yield (*lists, decay, momentum, lr, 0.0 if nesterov else 0.25,
                       nesterov, maximize, first, None, None)
        rest = 0.1, momentum, lr, 0.0, False, False, False
        yield *lists, *rest, torch.tensor(4.0), torch.tensor(0.0)
        yield *lists, *rest, torch.tensor(4.0), torch.tensor(1.0)
        yield *lists, *rest, torch.tensor(0.0), torch.tensor(0.0)
    return samples


def bad(make):
    p, g, m = [make(4, 8)], [make(4, 8)], [make(4, 8)]
    rest = 0.1, 0.5, 0.1, 0.0, False, False, False, None, None
    yield (p, [], m, *rest), "grads: expected 1 tensors, got 0"
    yield (p, g, [], *rest), "momentum_buffer_list: expected 1 tensors, got 0"
    yield (p, g, m, 0.1, 0.0, *rest[2:]), "list: expected 0 tensors, got 1"
    yield (p, [make(4, 8).double()], m, *rest), "type Float but found Double"
    yield ([t.int() for t in p], [t.int() for t in g], [t.int() for t in m],
           *rest), "not implemented for 'Int'"
    # torch reads beyond the gradient.
    yield Bad((p, [make(3)], m, *rest), "has 3 elements, its parameter 32",
              torch_refuses=False)
    yield (None, g, m, *rest), "self: expected a list of tensors, got None"


# One entry for each length of the lists of results.
for sizes, momentum in [([(4, 8)], 0.9), ([(16, 64), (8, 4, 8)], 0.0)]:
    for name, as_tensor in [("aten::_fused_sgd", False),
                            ("aten::_fused_sgd.tensor_lr", True)]:
        overload = (aten._fused_sgd.tensor_lr if as_tensor
                    else aten._fused_sgd.default)
        op(name, reference=reference(overload), dtypes=FLOATS + LOW_FLOATS,
           outputs=["Tensor"] * (len(sizes) * (3 if momentum else 2)),
           samples=samples_of(sizes, momentum, as_tensor),
           bad=bad if momentum and not as_tensor else False)
