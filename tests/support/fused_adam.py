# SPDX-License-Identifier: Apache-2.0
"""Samples of the fused steps of Adam and AdamW."""
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

KEYWORDS = ("lr", "beta1", "beta2", "weight_decay", "eps", "amsgrad",
            "maximize", "grad_scale", "found_inf")


def reference(overload):
    def call(*args):
        lists = overload(*args[:6], **dict(zip(KEYWORDS, args[6:])))
        return [t for list in lists for t in list]
    return call


def lists_of(make, sizes, amsgrad, layout="contiguous"):
    def positive():
        return [make(*s, layout=layout).abs() for s in sizes]
    def any_sign():
        return [make(*s, layout=layout) for s in sizes]
    steps = [torch.tensor(float(i + 1)) for i in range(len(sizes))]
    return (any_sign(), any_sign(), any_sign(), positive(),
            positive() if amsgrad else [], steps)


def samples_of(sizes, amsgrad, as_tensor):
    def rate(value):
        return torch.tensor(value) if as_tensor else value

    def samples(make):
        for layout in ("contiguous", "transposed", "sliced"):
            lists = lists_of(make, sizes, amsgrad, layout)
            for decay, maximize in [(0.0, False), (0.1, True)]:
                yield (*lists, rate(0.01), 0.9, 0.99, decay, 1e-6, amsgrad,
                       maximize, None, None)
        lists = lists_of(make, sizes, amsgrad)
        rest = rate(0.01), 0.9, 0.99, 0.1, 1e-6, amsgrad, False
        yield *lists, *rest, torch.tensor(4.0), torch.tensor(0.0)
        yield *lists, *rest, torch.tensor(4.0), torch.tensor(1.0)
        yield *lists, *rest, torch.tensor(0.0), torch.tensor(0.0)
        # Only eps keeps these from 0 / 0, and f16 has none so small.
        p, g, m, v, most, steps = lists_of(make, sizes, amsgrad)
        for t in [*g, *m, *v, *most]:
            t.zero_()
        yield (p, g, m, v, most, steps, rate(0.01), 0.9, 0.99, 0.0, 1e-8,
               amsgrad, False, None, None)
    return samples


def bad(make):
    p, g, m, v, most, steps = lists_of(make, [(4, 8)], False)
    rest = 0.01, 0.9, 0.99, 0.1, 1e-6
    off = False, False, None, None
    yield (p, [], m, v, most, steps, *rest, *off), "grads: expected 1 tensors"
    yield (p, g, m, v, v, steps, *rest, *off), "max_exp_avg_sqs: expected 0"
    yield ((p, g, m, v, most, [], *rest, *off),
           "state_steps: expected 1 tensors, got 0")
    yield ((p, [make(4, 8).double()], m, v, most, steps, *rest, *off),
           "grads[0]: expected scalar type Float but found Double")
    ints = [[t.int() for t in x] for x in (p, g, m, v)]
    yield (*ints, most, steps, *rest, *off), "not implemented for 'Int'"
    yield ((p, g, m, v, most, [torch.ones(2)], *rest, *off),
           "expected a tensor of one element, got 2")
    yield ((p, g, m, v, most, steps, *rest, False, False,
            torch.tensor(1, dtype=torch.int32), None),
           "grad_scale: expected scalar type Float")
    # torch reads beyond the gradient.
    yield Bad((p, [make(3)], m, v, most, steps, *rest, *off),
              "has 3 elements, its parameter 32", torch_refuses=False)
    yield (None, g, m, v, most, steps, *rest, *off), "self: expected a list"


def register(name):
    """One entry for each length of the lists of results."""
    packet = getattr(torch.ops.aten, name)
    for sizes, amsgrad in [([(4, 8)], False), ([(16, 64), (8, 4, 8)], True)]:
        for overload, as_tensor in [("default", False), ("tensor_lr", True)]:
            suffix = ".tensor_lr" if as_tensor else ""
            op(f"aten::{name}{suffix}",
               reference=reference(getattr(packet, overload)),
               dtypes=FLOATS + LOW_FLOATS,
               outputs=["Tensor"] * (len(sizes) * (5 if amsgrad else 4)),
               samples=samples_of(sizes, amsgrad, as_tensor),
               bad=bad if not amsgrad and not as_tensor else False)
