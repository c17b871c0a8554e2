# SPDX-License-Identifier: Apache-2.0
"""Constants from files (safetensors, torch.save, blob, the package's pickles),
given at creation, and shared by two models; against the same network in eager
PyTorch and against the stock runner."""
import pathlib
import random
import sys
import zipfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
sys.path.insert(0, str(HERE))

import torch
from safetensors.torch import save_file

import pt2lib
from test_constants import (GOLDEN, NAMES, RELEASES, all_weights, close,
                            network, renewed, some_input, weights)

OLD = ["2.6.0", "2.7.1"]

pytestmark = pytest.mark.skipif(
    "avx2" not in pathlib.Path("/proc/cpuinfo").read_text(),
    reason="the golden packages are compiled for AVX2")


def blob_of(tensors):
    """As torch lays it out: in the model's order, each padded to 64 bytes."""
    pieces = []
    for name in NAMES:
        data = tensors[name].contiguous().numpy().tobytes()
        pieces.append(data + bytes(-len(data) % 64))
    return b"".join(pieces)


def write(tensors, kind, folder):
    path = folder / f"w.{kind}"
    if kind == "safetensors":
        save_file(tensors, str(path))
    elif kind == "pt":
        torch.save(tensors, str(path))
    else:
        path.write_bytes(blob_of(tensors))
    return path


def agrees(model, tensors):
    x = some_input()
    close(model.run([x])[0], network(tensors, x))


# ---- Files -------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["safetensors", "pt", "blob"])
@pytest.mark.parametrize("release", OLD + RELEASES)
def test_weights_from_a_file(release, kind, tmp_path):
    model = pt2lib.Model(GOLDEN / release / "mlp.pt2")
    agrees(model, weights())
    for copy in (False, True):
        new = renewed(NAMES)
        folder = tmp_path / str(copy)
        folder.mkdir()
        model.load_constants(write(new, kind, folder), copy=copy)
        agrees(model, new)
        for name in NAMES:
            assert torch.equal(model.extract_constant(name), new[name])
    newer = renewed(NAMES)
    folder = tmp_path / "inactive"
    folder.mkdir()
    model.load_constants(write(newer, kind, folder), use_inactive=True,
                         check_full_update=True)
    agrees(model, new)
    model.swap_constants()
    agrees(model, newer)


@pytest.mark.parametrize("kind", ["safetensors", "pt", "blob"])
@pytest.mark.parametrize("release", ["2.6.0", "2.8.0", "2.14.1", "2.15.0"])
def test_a_package_without_weights(release, kind, tmp_path):
    model = pt2lib.Model(GOLDEN / release / "mlpnow.pt2", constants_later=True)
    x = some_input()
    with pytest.raises(pt2lib.Error, match="were not given"):
        model.run([x])
    model.load_constants(write(weights(), kind, tmp_path),
                         check_full_update=True)
    agrees(model, weights())
    new = renewed(NAMES)
    model.update_constants(new)
    agrees(model, new)


def mapped_ranges(path):
    for line in pathlib.Path("/proc/self/maps").read_text().splitlines():
        if line.endswith(str(path)):
            begin, end = line.split()[0].split("-")
            yield int(begin, 16), int(end, 16)


@pytest.mark.parametrize("kind", ["safetensors", "pt", "blob"])
def test_a_files_tensors_are_used_in_place(kind, tmp_path):
    model = pt2lib.Model(GOLDEN / "2.15.0/mlp.pt2")
    path = write(renewed(NAMES), kind, tmp_path)

    def in_file(name):
        address = model.constant_address(name)
        return any(a <= address < b for a, b in mapped_ranges(path))

    model.load_constants(path)
    assert all(in_file(name) for name in NAMES)
    model.load_constants(path, copy=True)
    assert not list(mapped_ranges(path))


def test_a_tensor_that_lies_otherwise_is_copied(tmp_path):
    model = pt2lib.Model(GOLDEN / "2.15.0/mlp.pt2")
    new = renewed(NAMES)
    turned = {**new, "a.weight": new["a.weight"].t().contiguous().t()}
    torch.save(turned, tmp_path / "w.pt")
    model.load_constants(tmp_path / "w.pt")
    agrees(model, new)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.int64])
def test_views_parameters_and_dtypes_of_torch_save(dtype, tmp_path):
    model = pt2lib.Model(GOLDEN / "2.15.0/mlp.pt2")
    module = torch.nn.Linear(16, 32)
    whole = torch.randn(3, 32, 16)
    torch.save({"a.weight": whole[1], "a.bias": module.bias}, tmp_path / "w.pt")
    model.load_constants(tmp_path / "w.pt")
    agrees(model, {**weights(), "a.weight": whole[1],
                   "a.bias": module.bias.detach()})
    torch.save(torch.nn.ModuleDict({"a": module}).state_dict(),
               tmp_path / "w.pt")
    model.load_constants(tmp_path / "w.pt")
    agrees(model, {**weights(), "a.weight": module.weight.detach(),
                   "a.bias": module.bias.detach()})
    torch.save({"a.bias": torch.zeros(32, dtype=dtype)}, tmp_path / "w.pt")
    with pytest.raises(pt2lib.Error, match='"a.bias": expected dtype f32'):
        model.load_constants(tmp_path / "w.pt")


def test_what_files_are_refused_for(tmp_path):
    model = pt2lib.Model(GOLDEN / "2.15.0/mlp.pt2")
    new = renewed(NAMES)

    def refused(path, message, **options):
        with pytest.raises(pt2lib.Error) as caught:
            model.load_constants(path, **options)
        assert message in str(caught.value)
        assert path.name in str(caught.value)
        agrees(model, weights())
        return caught.value.status

    extra = write({**new, "b.bias": all_weights()["b.bias"]}, "safetensors",
                  tmp_path)
    assert refused(extra, 'the model has no constant "b.bias"') == "NOT_FOUND"
    part = tmp_path / "part.safetensors"
    save_file({"a.bias": new["a.bias"]}, str(part))
    refused(part, "leaves out 2 parameters", check_full_update=True)
    blob = tmp_path / "w.bin"
    blob.write_bytes(blob_of(new)[:-64])
    assert refused(blob, "a blob of 2624 bytes, the model's constants take "
                         "2688") == "CORRUPT"
    stranger = tmp_path / "w.xyz"
    stranger.write_bytes(blob_of(new))
    assert refused(stranger, "neither a .safetensors file") == "UNSUPPORTED"
    refused(stranger, "it is not a file of torch.save", format="torch")
    assert refused(tmp_path / "none.pt", "cannot be opened") == "NOT_FOUND"
    code = tmp_path / "code.pt"
    torch.save({"a.bias": new["a.bias"], "model": torch.nn.Linear(2, 2)}, code)
    assert refused(code, "the pickle names torch.nn.modules.linear.Linear"
                   ) == "UNSUPPORTED"
    steps = tmp_path / "steps.pt"
    torch.save({"a.bias": new["a.bias"], "step": 3}, steps)
    refused(steps, "'step' is an int, not a tensor")
    legacy = tmp_path / "legacy.pt"
    torch.save(new, legacy, _use_new_zipfile_serialization=False)
    refused(legacy, "neither a .safetensors file")
    model.load_constants(extra, ignore_unknown=True)
    agrees(model, new)
    model.load_constants(stranger, format="blob")


@pytest.mark.parametrize("release", ["2.8.0", "2.9.1", "2.10.0", "2.15.0"])
def test_pickles_in_the_package(release, tmp_path):
    model = pt2lib.Model(GOLDEN / release / "mlppickle.pt2")
    agrees(model, weights())
    address = model.constant_address("a.weight")
    package = GOLDEN / release / "mlppickle.pt2"
    assert any(a <= address < b
               for a, b in mapped_ranges(package.resolve()))
    new = renewed(NAMES)
    model.update_constants(new)
    agrees(model, new)


# ---- Given at creation -------------------------------------------------------


@pytest.mark.parametrize("package", ["mlp", "mlpnow"])
@pytest.mark.parametrize("release", ["2.6.0", "2.8.0", "2.14.1", "2.15.0"])
def test_created_with_other_constants(release, package):
    mine = renewed(NAMES)
    model = pt2lib.Model(GOLDEN / release / f"{package}.pt2", constants=mine)
    agrees(model, mine)
    if release != "2.6.0" or package == "mlp":  # else its first are copies
        mine["a.bias"].fill_(3)
        agrees(model, mine)


def test_creation_wants_all_of_them():
    part = {name: weights()[name] for name in NAMES[:2]}
    with pytest.raises(pt2lib.Error, match='leaves out 1 parameters: "b.weig'):
        pt2lib.Model(GOLDEN / "2.15.0/mlp.pt2", constants=part)
    with pytest.raises(pt2lib.Error, match='no constant "d"'):
        pt2lib.Model(GOLDEN / "2.15.0/mlp.pt2",
                     constants={**weights(), "d": torch.zeros(1)})


# ---- Sharing -----------------------------------------------------------------


@pytest.mark.parametrize("release", OLD + RELEASES)
@pytest.mark.parametrize("source", OLD + ["2.8.0", "2.15.0"])
def test_two_models_share(release, source):
    first = pt2lib.Model(GOLDEN / source / "mlp.pt2")
    second = pt2lib.Model(GOLDEN / release / "mlpdyn.pt2")
    new = renewed(NAMES)
    first.update_constants(new)
    x = some_input()
    close(first.run([x])[0], network(new, x))
    count, reasons = second.share_constants(first, require_all=True)
    assert (count, reasons) == (3, {})
    for name in NAMES:
        assert (first.constant_address(name) ==
                second.constant_address(name))
    close(second.run([x])[0], network(new, x))
    # What one is given later is its own.
    newer = renewed(NAMES)
    first.update_constants(newer)
    close(first.run([x])[0], network(newer, x))
    close(second.run([x])[0], network(new, x))
    first.close()
    for _ in range(3):
        torch.randn(100000)  # whatever was freed is used again
        close(second.run([x])[0], network(new, x))
    second.close()


# Each way to keep weights, in the releases that have it.
@pytest.mark.parametrize("release, package", [
    ("2.7.1", "mlp"), ("2.7.1", "mlpmmap"),
    ("2.8.0", "mlp"), ("2.8.0", "mlpmmap"), ("2.8.0", "mlppickle"),
    ("2.15.0", "mlp"), ("2.15.0", "mlpmmap"), ("2.15.0", "mlppickle"),
    ("2.15.0", "mlpblob2")])
def test_the_packages_own_weights_outlive_the_first(release, package):
    path = GOLDEN / release / f"{package}.pt2"
    first = pt2lib.Model(path)
    second = pt2lib.Model(GOLDEN / release / "mlp.pt2")
    second.update_constants(renewed(NAMES))
    assert second.share_constants(first)[0] == 3
    for name in NAMES:
        assert (first.constant_address(name) ==
                second.constant_address(name))
    agrees(first, weights())
    first.close()
    agrees(second, weights())
    # And back, so that each has been on both sides.
    third = pt2lib.Model(path)
    third.share_constants(second)
    second.share_constants(third)
    second.close()
    agrees(third, weights())


def test_what_is_not_shared_is_told():
    first = pt2lib.Model(GOLDEN / "2.15.0/mlp.pt2")
    second = pt2lib.Model(GOLDEN / "2.15.0/mlp.pt2")
    new = renewed(NAMES)
    turned = {**new, "a.weight": new["a.weight"].t().contiguous().t()}
    first.update_constants(new)
    empty = pt2lib.Model(GOLDEN / "2.15.0/mlpnow.pt2", constants_later=True)
    empty.update_constants({"a.bias": new["a.bias"]})
    count, reasons = second.share_constants(empty)
    assert count == 1
    assert reasons == {name: "the other model does not have it"
                       for name in ("a.weight", "b.weight")}
    agrees(second, {**weights(), "a.bias": new["a.bias"]})
    with pytest.raises(pt2lib.Error) as caught:
        second.share_constants(empty, require_all=True)
    assert caught.value.status == "FAILED_PRECONDITION"
    assert str(caught.value).startswith(
        '2 of 3 constants cannot be shared: "a.weight" (the other')
    other = pt2lib.Model(GOLDEN / "2.15.0/math.pt2")
    assert other.share_constants(first) == (0, {})
    count, reasons = first.share_constants(other)
    assert count == 0 and len(reasons) == 3
    agrees(first, new)
    with pytest.raises(pt2lib.Error, match="two runners"):
        first.share_constants(first)


@pytest.mark.parametrize("release", ["2.8.0", "2.15.0"])
def test_sharing_into_the_inactive_buffer(release):
    first = pt2lib.Model(GOLDEN / release / "mlp.pt2")
    second = pt2lib.Model(GOLDEN / release / "mlp.pt2")
    new = renewed(NAMES)
    first.update_constants(new)
    second.share_constants(first, use_inactive=True)
    first.close()
    agrees(second, weights())
    second.swap_constants()
    agrees(second, new)


def test_prompt_and_token_share_weights_and_state():
    """Both models change one buffer, wherever it lies; so does eager."""
    import shared_packages
    eager = shared_packages.network()
    prompt, token = map(pt2lib.Model, shared_packages.build())
    assert token.share_constants(prompt, require_all=True) == (4, {})
    assert (prompt.constant_address("seen") == token.constant_address("seen"))

    def step(model, rows):
        x = torch.randn(rows, 64)
        with torch.no_grad():
            close(model.run([x])[0], eager(x))

    for _ in range(3):
        step(prompt, 16)
        step(token, 1)
        step(token, 1)
    assert not torch.equal(eager.seen, torch.zeros(64))
    close(prompt.extract_constant("seen"), eager.seen)
    prompt.close()
    step(token, 1)
    # What another model changes must not be what a file or a model that
    # believes it constant has.
    fixed = pt2lib.Model(GOLDEN / "2.15.0/mlp.pt2")
    assert token.share_constants(fixed)[0] == 0
    before = torch.zeros(64)
    token.update_constants({"seen": before})
    eager.seen.zero_()
    step(token, 1)
    step(token, 1)


def test_a_model_that_changes_its_constants_copies_a_files(tmp_path):
    import shared_packages
    eager = shared_packages.network()
    _, token = map(pt2lib.Model, shared_packages.build())
    for kind in ("safetensors", "pt"):
        path = tmp_path / f"w.{kind}"
        state = {name: tensor.clone()
                 for name, tensor in eager.state_dict().items()}
        torch.save(state, path) if kind == "pt" else save_file(state, str(path))
        bytes_before = path.read_bytes()
        token.load_constants(path, check_full_update=True)
        for _ in range(2):
            x = torch.randn(1, 64)
            with torch.no_grad():
                close(token.run([x])[0], eager(x))
        assert path.read_bytes() == bytes_before
        assert not list(mapped_ranges(path))
    # Constants that never change are not shared with it.
    steady = pt2lib.Model(shared_packages.build()[1], constants_later=True)
    steady.share_constants(token, require_all=True)


# ---- Models before torch 2.8 -------------------------------------------------


@pytest.mark.parametrize("release, package", [
    ("2.6.0", "mlp"), ("2.6.0", "mlpmmap"), ("2.6.0", "mlpdyn"),
    ("2.6.0", "mlpnow"),
    ("2.7.1", "mlp"), ("2.7.1", "mlpmmap"), ("2.7.1", "mlpdyn")])
def test_old_models_exchange_their_constants(release, package):
    """The walk of test_constants.py, in this library's own two buffers."""
    path = GOLDEN / release / f"{package}.pt2"
    for seed in range(3):
        random.seed(seed)
        torch.manual_seed(seed)
        model = pt2lib.Model(path, constants_later=True,
                             num_runners=1 + seed)
        active, inactive, kept = weights(), {}, []
        if package == "mlpnow":
            model.update_constants(active, full=True)
        for _ in range(40):
            step = random.choice(["update", "update", "partial", "managed",
                                  "swap", "fold", "free", "extract"])
            use_inactive = random.random() < 0.6
            held = inactive if use_inactive else active
            if step in ("update", "partial", "managed"):
                names = random.sample(NAMES, 2) if step == "partial" else NAMES
                tensors = renewed(names)
                kept.append(tensors)
                model.update_constants(tensors, use_inactive,
                                       user_managed=step == "managed")
                held.update(tensors)
            elif step == "swap" and set(inactive) == set(NAMES):
                model.swap_constants()
                active, inactive = inactive, active
            elif step == "swap":
                with pytest.raises(pt2lib.Error, match="lacks"):
                    model.swap_constants()
            elif step == "fold" and (set(held) == set(NAMES)):
                model.fold_constants(use_inactive)
            elif step == "free":
                model.free_inactive_constants()
                inactive = {}
            elif step == "extract":
                for name, tensor in held.items():
                    assert torch.equal(
                        model.extract_constant(name, use_inactive), tensor)
            agrees(model, active)
        model.close()
