# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

aten = torch.ops.aten
KEYWORDS = ("lr", "lr_decay", "weight_decay", "eps", "maximize", "grad_scale",
            "found_inf")


def reference(overload):
    def call(*args):
        lists = overload(*args[:4], **dict(zip(KEYWORDS, args[4:])))
        return [t for list in lists for t in list]
    return call


def samples_of(sizes, as_tensor):
    lr = torch.tensor(0.1) if as_tensor else 0.1

    def samples(make):
        steps = [torch.tensor(float(i + 1)) for i in range(len(sizes))]
        for layout in ("contiguous", "transposed", "sliced"):
            p, g, sums = [[make(*s, layout=layout) for s in sizes]
                          for _ in range(3)]
            lists = p, g, [t.abs() for t in sums], steps
            for lr_decay, decay, maximize in [(0.0, 0.0, False),
                                              (0.1, 0.1, True)]:
                yield *lists, lr, lr_decay, decay, 1e-6, maximize, None, None
        rest = lr, 0.1, 0.1, 1e-6, False
        yield *lists, *rest, torch.tensor(4.0), torch.tensor(0.0)
        yield *lists, *rest, torch.tensor(4.0), torch.tensor(1.0)
        yield *lists, *rest, torch.tensor(0.0), torch.tensor(0.0)
        # Only eps keeps these from 0 / 0, and f16 has none so small.
        zeros = [torch.zeros_like(t) for t in p]
        yield p, zeros, zeros, steps, lr, 0.0, 0.0, 1e-10, False, None, None
    return samples


def bad(make):
    p, g, sums, steps = [make(4, 8)], [make(4, 8)], [make(4, 8)], [make()]
    rest = 0.1, 0.1, 0.1, 1e-6, False, None, None
    yield (p, [], sums, steps, *rest), "grads: expected 1 tensors, got 0"
    yield (p, g, sums, [], *rest), "state_steps: expected 1 tensors, got 0"
    yield ((p, [make(4, 8).double()], sums, steps, *rest),
           "type Float but found Double")
    yield ([t.int() for t in p], [t.int() for t in g], [t.int() for t in sums],
           steps, *rest), "not implemented for 'Int'"
    # torch reads beyond the gradient.
    yield Bad((p, [make(3)], sums, steps, *rest),
              "has 3 elements, its parameter 32", torch_refuses=False)
    yield (None, g, sums, steps, *rest), "self: expected a list of tensors"


# One entry for each length of the lists of results.
for sizes in ([(4, 8)], [(16, 64), (8, 4, 8)]):
    for name, as_tensor in [("aten::_fused_adagrad", False),
                            ("aten::_fused_adagrad.tensor_lr", True)]:
        overload = (aten._fused_adagrad.tensor_lr if as_tensor
                    else aten._fused_adagrad.default)
        op(name, reference=reference(overload), dtypes=FLOATS + LOW_FLOATS,
           outputs=["Tensor"] * (len(sizes) * (3 if as_tensor else 4)),
           samples=samples_of(sizes, as_tensor),
           bad=bad if len(sizes) == 1 and not as_tensor else False)
