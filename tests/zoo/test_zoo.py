# SPDX-License-Identifier: Apache-2.0
"""Each package of the zoo through the stock runner and through libpt2, in one
process: equal values, dtypes, sizes and strides."""
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

import torch
import torch.utils._pytree as pytree

import build
import models
import pt2lib

# Both run the same compiled kernels; what differs is the library operators
# (matmul, convolution, attention), whose sums are in another order.
TOLERANCE = {torch.float32: (1.3e-6, 2e-5), torch.bfloat16: (1.6e-2, 1e-2),
             torch.float16: (1e-3, 1e-3), torch.float64: (1e-7, 1e-9),
             torch.complex64: (1.3e-6, 2e-5), torch.complex128: (1e-7, 1e-9)}


def leaves(tree):
    return [leaf for leaf in pytree.tree_leaves(tree)
            if isinstance(leaf, torch.Tensor)]


def clone(inputs):
    return pytree.tree_map(
        lambda leaf: leaf.clone() if isinstance(leaf, torch.Tensor) else leaf,
        inputs)


def compare(ours, stock, what):
    assert len(ours) == len(stock), what
    for i, (a, b) in enumerate(zip(ours, stock)):
        where = f"{what}, tensor {i}"
        assert a is not None, where
        assert a.shape == b.shape and a.dtype == b.dtype, where
        if b.numel() > 0:
            wanted = [s for n, s in zip(b.shape, b.stride()) if n > 1]
            assert [s for n, s in zip(a.shape, a.stride()) if n > 1] == wanted, \
                f"{where}: strides {a.stride()}, stock {b.stride()}"
        rtol, atol = TOLERANCE.get(b.dtype, (0, 0))
        torch.testing.assert_close(a, b, rtol=rtol, atol=atol,
                                   equal_nan=True, msg=lambda m: f"{where}: {m}")


def stock_and_ours(name, **options):
    path = build.package(name)
    stock = torch._inductor.aoti_load_package(str(path))
    return stock, pt2lib.Model(path, **options)


@pytest.mark.parametrize("name", list(models.ZOO))
def test_like_stock(name):
    entry = build.entry_of(name)
    stock, ours = stock_and_ours(name)
    for turn, inputs in enumerate([entry.inputs, *entry.more_inputs,
                                   entry.inputs]):
        theirs, mine = clone(inputs), clone(inputs)
        torch.manual_seed(77)
        pt2lib.lib.pt2_manual_seed(77)
        expected = leaves(stock(*theirs))
        results = [r for r in ours.run(leaves(mine), boxed=turn == 1)
                   if r is not None]
        compare(results, expected, f"{name}, call {turn}")
        if entry.mutates:
            compare(leaves(mine), leaves(theirs), f"{name}, inputs after call")


def test_eight_instances_of_one_model():
    """Several models and instances in one process do not disturb each other."""
    entry = build.entry_of("mlp_dynamic")
    runners = [pt2lib.Model(build.package("mlp_dynamic"), num_runners=2)
               for _ in range(8)]
    first = runners[0].run(leaves(entry.inputs))
    for runner in runners[1:]:
        compare(runner.run(leaves(entry.inputs)), first, "another instance")


@pytest.mark.parametrize("change, message", [
    (lambda x: x[:, :63], "input 0 (ARGS[0]) dim 1: expected 64, got 63"),
    (lambda x: x.double(), "input 0 (ARGS[0]): expected dtype f32, got f64"),
    (lambda x: x[0], "input 0 (ARGS[0]): expected rank 2, got 1"),
    (lambda x: x[:1], "input 0 (ARGS[0]) dim 0: expected 2 to 256, got 1"),
    (lambda x: torch.randn(300, 64),
     "input 0 (ARGS[0]) dim 0: expected 2 to 256, got 300"),
    (lambda x: torch.randn(64, 8).t(),
     "input 0 (ARGS[0]) stride of dim 0: expected 64, got 1"),
])
def test_wrong_input_is_named(change, message):
    ours = pt2lib.Model(build.package("mlp_dynamic"))
    with pytest.raises(pt2lib.Error) as caught:
        ours.run([change(torch.randn(8, 64))])
    assert str(caught.value) == message
    assert caught.value.status == "INVALID_ARGUMENT"
    # Nothing is lost: the next good call works.
    assert ours.run([torch.randn(8, 64)])[0].shape == (8, 10)


def test_wrong_count_is_named():
    ours = pt2lib.Model(build.package("mlp_dynamic"))
    with pytest.raises(pt2lib.Error, match="the model has 1 inputs, got 2"):
        ours.run([torch.randn(8, 64), torch.randn(8, 64)])
