# SPDX-License-Identifier: Apache-2.0
"""--weights of `pt2 run` and `pt2 bench`."""
import pathlib

import pytest
import torch
from safetensors.torch import load_file, save_file

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "build/golden/avx2"
NAMES = ["a.weight", "a.bias", "b.weight"]

pytestmark = pytest.mark.skipif(
    "avx2" not in pathlib.Path("/proc/cpuinfo").read_text(),
    reason="the golden packages are compiled for AVX2")


@pytest.fixture
def files(tmp_path):
    """The same weights, twice the right ones, in each kind of file."""
    right = load_file(str(GOLDEN / "mlp.weights.safetensors"))
    mine = {name: (2 * right[name]).contiguous() for name in NAMES}
    save_file(mine, str(tmp_path / "w.safetensors"))
    torch.save(mine, tmp_path / "w.pt")
    (tmp_path / "w.bin").write_bytes(b"".join(
        data + bytes(-len(data) % 64)
        for data in (mine[name].numpy().tobytes() for name in NAMES)))
    save_file({**mine, "b.bias": right["b.bias"]},
              str(tmp_path / "all.safetensors"))
    save_file({"a.bias": mine["a.bias"]}, str(tmp_path / "one.safetensors"))
    x = load_file(str(GOLDEN / "mlp.inputs.safetensors"))["0"]
    hidden = torch.relu(x @ mine["a.weight"].t() + mine["a.bias"])
    answer = hidden @ mine["b.weight"].t() + right["b.bias"] + right["c"]
    save_file({"0": answer}, str(tmp_path / "answer.safetensors"))
    return tmp_path


def run(pt2, files, package, *options):
    return pt2("run", GOLDEN / f"2.15.0/{package}.pt2",
               f"--input=@{GOLDEN}/mlp.inputs.safetensors",
               f"--expected-output=@{files}/answer.safetensors", "--atol=1e-4",
               *options)


@pytest.mark.parametrize("package", ["mlp", "mlpnow", "mlppickle"])
@pytest.mark.parametrize("kind", ["safetensors", "pt", "bin"])
def test_weights(pt2, files, package, kind):
    assert run(pt2, files, package, f"--weights=@{files}/w.{kind}").code == 0
    other = run(pt2, files, package)
    assert other.code == (3 if package == "mlpnow" else 1)


def test_several_files(pt2, files):
    result = run(pt2, files, "mlpnow", f"--weights=@{files}/one.safetensors")
    assert result.code != 0 and "2 of" in result.err, result.err
    assert '"a.weight"' in result.err
    assert run(pt2, files, "mlpnow", f"--weights=@{files}/one.safetensors",
               f"--weights=@{files}/w.pt").code == 0


def test_what_the_model_does_not_have(pt2, files):
    weights = f"--weights=@{files}/all.safetensors"
    result = run(pt2, files, "mlp", weights)
    assert result.code == 1
    assert 'no constant "b.bias"' in result.err
    assert "all.safetensors" in result.err
    assert run(pt2, files, "mlp", weights, "--extra-weights-ok").code == 0


@pytest.mark.parametrize("option, message", [
    ("--weights=w.pt", "@FILE is expected"),
    ("--weights=@", "@FILE is expected"),
    ("--extra-weights-ok", "goes with --weights"),
])
def test_usage(pt2, files, option, message):
    result = run(pt2, files, "mlp", option)
    assert result.code == 2 and message in result.err


def test_bench(pt2, files):
    result = pt2("bench", GOLDEN / "2.15.0/mlpnow.pt2",
                 f"--weights=@{files}/w.pt", "--duration=0.01", "-o", "json")
    assert result.code == 0, result.err
    assert result.json()["rows"][0]["calls"] > 0
