# SPDX-License-Identifier: Apache-2.0
"""Constants of a model: random walks over {update, partial update, swap, fold,
free, extract, run} with packages of all releases, against the same network in
eager PyTorch and against the stock runner; and what is refused."""
import pathlib
import random
import sys
import threading
import zipfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import torch
from safetensors.torch import load_file

import pt2lib

GOLDEN = pt2lib.ROOT / "build/golden/avx2"
RELEASES = ["2.8.0", "2.9.1", "2.10.0", "2.11.0", "2.12.1", "2.13.0",
            "2.14.1", "2.15.0"]
# Those that the package holds: Inductor writes the last layer's bias, four
# numbers, into the code.
NAMES = ["a.weight", "a.bias", "b.weight"]

pytestmark = pytest.mark.skipif(
    "avx2" not in pathlib.Path("/proc/cpuinfo").read_text(),
    reason="the golden packages are compiled for AVX2")


def all_weights():
    return load_file(str(GOLDEN / "mlp.weights.safetensors"))


def weights():
    return {name: all_weights()[name] for name in NAMES}


def some_input():
    return torch.randn(8, 16)


def network(constants, x):
    fixed = all_weights()
    hidden = torch.relu(x @ constants["a.weight"].t() + constants["a.bias"])
    return hidden @ constants["b.weight"].t() + fixed["b.bias"] + fixed["c"]


def renewed(names):
    """Other values of the same shapes."""
    return {name: torch.randn_like(weights()[name]) for name in names}


def close(a, b):
    torch.testing.assert_close(a, b, rtol=1.3e-6, atol=2e-5)


# ---- The walk ----------------------------------------------------------------


class Expected:
    """What the two buffers should hold."""

    def __init__(self):
        self.active, self.inactive = weights(), {}

    def update(self, tensors, use_inactive):
        (self.inactive if use_inactive else self.active).update(tensors)

    def can_swap(self):
        return set(self.inactive) == set(NAMES)

    def swap(self):
        self.active, self.inactive = self.inactive, self.active


class Stock:
    """The stock runner on the same library, with the same calls."""

    def __init__(self, package, folder):
        with zipfile.ZipFile(package) as archive:
            name = next(n for n in archive.namelist() if n.endswith(".so"))
            path = folder / pathlib.Path(name).name
            if not path.exists():  # it may be mapped
                path.write_bytes(archive.read(name))
        self.runner = torch._C._aoti.AOTIModelContainerRunnerCpu(str(path), 1)
        self.kept = []  # stock keeps user-managed tensors by address

    def update(self, tensors, use_inactive, user_managed):
        self.kept.append(tensors)
        self.runner.update_constant_buffer(
            {name.replace(".", "_"): tensor
             for name, tensor in tensors.items()},
            use_inactive, False, user_managed)

    def run(self, x):
        return self.runner.run([x])[0]


def walk(release, steps, seed, folder):
    random.seed(seed)
    torch.manual_seed(seed)
    package = GOLDEN / release / "mlp.pt2"
    model, expected = pt2lib.Model(package), Expected()
    # The stock runner of today lets go of tensors that older models only
    # borrow.
    stock = Stock(package, folder) if release == "2.15.0" else None
    kept = []
    for _ in range(steps):
        step = random.choice(["update", "update", "partial", "swap", "fold",
                              "free", "extract", "managed"])
        use_inactive = random.random() < 0.6
        if step in ("update", "partial", "managed"):
            names = NAMES
            if step == "partial":
                names = random.sample(NAMES, 2)
            tensors = renewed(names)
            managed = step == "managed"
            kept.append(tensors)
            model.update_constants(tensors, use_inactive, user_managed=managed)
            expected.update(tensors, use_inactive)
            if stock is not None:
                stock.update(tensors, use_inactive, managed)
        elif step == "swap":
            if not expected.can_swap():
                with pytest.raises(pt2lib.Error, match="lacks") as caught:
                    model.swap_constants()
                assert caught.value.status == "FAILED_PRECONDITION"
                continue
            model.swap_constants()
            expected.swap()
            if stock is not None:
                stock.runner.swap_constant_buffer()
        elif step == "fold":
            if not use_inactive or expected.can_swap():
                model.fold_constants(use_inactive)
        elif step == "free":
            model.free_inactive_constants()
            expected.inactive = {}
        else:
            held = expected.inactive if use_inactive else expected.active
            for name in NAMES:
                if name in held:
                    found = model.extract_constant(name, use_inactive)
                    assert torch.equal(found, held[name]), (step, name)
                else:
                    with pytest.raises(pt2lib.Error, match="does not hold"):
                        model.extract_constant(name, use_inactive)
        x = some_input()
        got = model.run([x])[0]
        close(got, network(expected.active, x))
        if stock is not None:
            close(got, stock.run(x))


@pytest.mark.parametrize("release", RELEASES)
def test_random_walk(release, tmp_path):
    for seed in range(3):
        walk(release, 40, seed, tmp_path)


# ---- Weights that are not in the package -------------------------------------


@pytest.mark.parametrize("release", ["2.6.0", "2.8.0", "2.14.1", "2.15.0"])
def test_weights_given_later(release):
    package = GOLDEN / release / "mlpnow.pt2"
    with pytest.raises(pt2lib.Error, match="weights are not in the package"):
        pt2lib.Model(package)
    model = pt2lib.Model(package, constants_later=True)
    x = some_input()
    for names in ([], ["a.weight"]):
        part = {n: weights()[n] for n in names}
        if names and release == "2.6.0":  # all at once
            with pytest.raises(pt2lib.Error, match="leaves out 2 parameters"):
                model.update_constants(part)
        elif names:
            model.update_constants(part)
        with pytest.raises(pt2lib.Error, match="were not given") as caught:
            model.run([x])
        assert caught.value.status == "FAILED_PRECONDITION"
    model.update_constants(weights(), full=True)
    close(model.run([x])[0], network(weights(), x))
    # What the container and the runner hold is released once each.
    model.close()


# ---- What is refused ---------------------------------------------------------


@pytest.mark.parametrize("change, message", [
    ({"nobody": torch.zeros(1)}, 'the model has no constant "nobody"'),
    ({"a.bias": torch.zeros(3)},
     'constant "a.bias": expected shape [8], got [3]'),
    ({"a.bias": torch.zeros(8, dtype=torch.float64)},
     'constant "a.bias": expected dtype f32, got f64'),
    ({"a.bias": torch.zeros(8), "a_bias": torch.zeros(8)},
     'constant "a.bias" is given twice'),
])
def test_wrong_updates_change_nothing(change, message):
    for release in ("2.8.0", "2.15.0"):
        model = pt2lib.Model(GOLDEN / release / "mlp.pt2")
        hidden = weights()["a.bias"].shape[0]
        message = message.replace("[8]", f"[{hidden}]")
        change = {name: torch.zeros(hidden, dtype=t.dtype)
                  if t.shape == (8,) else t for name, t in change.items()}
        for use_inactive in (False, True):
            with pytest.raises(pt2lib.Error) as caught:
                model.update_constants({"b.weight": torch.zeros_like(
                    weights()["b.weight"]), **change}, use_inactive)
            assert str(caught.value) == message
        x = some_input()
        close(model.run([x])[0], network(weights(), x))


def test_full_update_names_what_is_left_out():
    model = pt2lib.Model(GOLDEN / "2.15.0/mlp.pt2")
    with pytest.raises(pt2lib.Error) as caught:
        model.update_constants({"a.weight": weights()["a.weight"]}, full=True)
    assert str(caught.value) == ("a full update leaves out 2 parameters: "
                                 '"a.bias", "b.weight"')
    model.update_constants(renewed(NAMES), full=True)


def test_user_managed_strides_are_checked():
    model = pt2lib.Model(GOLDEN / "2.15.0/mlp.pt2")
    weight = weights()["a.weight"]
    turned = weight.t().contiguous().t()
    model.update_constants({"a.weight": turned})  # a copy is laid out right
    with pytest.raises(pt2lib.Error, match='"a.weight": expected stride'):
        model.update_constants({"a.weight": turned}, user_managed=True)


def test_user_managed_memory_is_not_copied():
    model = pt2lib.Model(GOLDEN / "2.15.0/mlp.pt2")
    mine = renewed(NAMES)
    model.update_constants(mine, user_managed=True)
    x = some_input()
    close(model.run([x])[0], network(mine, x))
    mine["a.bias"].fill_(3)  # between two runs
    close(model.run([x])[0], network(mine, x))


# ---- Traffic -----------------------------------------------------------------


def test_swaps_under_traffic_lose_and_mix_nothing():
    """Each output belongs to one version of the weights, and all arrive."""
    versions = [weights(), renewed(NAMES)]
    model = pt2lib.Model(GOLDEN / "2.15.0/mlp.pt2", num_runners=3)
    x = some_input()
    wanted = [network(version, x) for version in versions]
    counts, wrong, stop = [0] * 8, [], threading.Event()

    def call(number):
        while not stop.is_set():
            got = model.run([x])[0]
            counts[number] += 1
            if not any(torch.allclose(got, w, rtol=1.3e-6, atol=2e-5)
                       for w in wanted):
                wrong.append(got)

    threads = [threading.Thread(target=call, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    try:
        for turn in range(1000):
            model.update_constants(versions[(turn + 1) % 2], use_inactive=True,
                                   full=True)
            model.swap_constants()
            if turn % 10 == 0:
                model.update_constants(versions[(turn + 1) % 2])
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not wrong
    assert min(counts) > 0
    close(model.run([x])[0], wanted[0])
