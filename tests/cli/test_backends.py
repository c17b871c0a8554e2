# SPDX-License-Identifier: Apache-2.0
"""Devices that are loaded, listed and run on."""
import json
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PT2 = ROOT / "build/release/pt2"
NULL = ROOT / "build/release/libpt2_backend_null.so"
GOLDEN = ROOT / "build/golden/avx2"


def pt2(*arguments):
    return subprocess.run([PT2, *map(str, arguments)], capture_output=True,
                          text=True, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    out = tmp_path_factory.mktemp("null") / "mlp.pt2"
    subprocess.run([sys.executable, ROOT / "src/backends/null/retarget.py",
                    GOLDEN / "2.15.0/mlp.pt2", out], check=True)
    return out


def test_devices_are_listed():
    done = pt2("info", "--backends", "--json", f"--backend={NULL}")
    assert done.returncode == 0, done.stderr
    devices = {entry["device"]: entry
               for entry in json.loads(done.stdout)["devices"]}
    assert devices["cpu"]["available"] and devices["null"]["available"]
    assert not devices["mps"]["available"] or sys.platform == "darwin"
    assert "cuda" in devices and "xpu" in devices
    plain = pt2("info", "--backends")
    assert plain.returncode == 0 and "null" not in plain.stdout


def test_a_model_runs_on_a_plug_in(package):
    done = pt2("run", package, f"--backend={NULL}",
               f"--input=@{GOLDEN}/mlp.inputs.safetensors",
               f"--expected-output=@{GOLDEN}/mlp.expected.safetensors")
    assert done.returncode == 0, done.stderr
    assert "good" in done.stdout
    checked = pt2("check", package, f"--backend={NULL}")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_without_it_the_device_is_named(package):
    for verb in "run", "check":
        done = pt2(verb, package)
        assert done.returncode == 3
        assert 'device "null"' in done.stdout + done.stderr


@pytest.mark.parametrize("path, text", [
    ("/nowhere.so", "no such file"),
    (ROOT / "build/release/libpt2.so", "pt2_backend_query"),
])
def test_what_is_no_back_end(package, path, text):
    done = pt2("run", package, f"--backend={path}")
    assert done.returncode == 1
    assert text in done.stderr and str(path) in done.stderr


def test_a_file_is_still_wanted():
    done = pt2("info", f"--backend={NULL}")
    assert done.returncode == 2 and "no FILE" in done.stderr
