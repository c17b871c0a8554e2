# SPDX-License-Identifier: Apache-2.0
"""The module as it was built and packages to run.

PT2_PYTHON names another folder that holds the package pt2 than
build/release/python.
"""
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODULE = pathlib.Path(os.environ.get("PT2_PYTHON",
                                     ROOT / "build/release/python"))
GOLDEN = ROOT / "build/golden/avx2"
sys.path.insert(0, str(MODULE))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))


def arrays(name, what="inputs"):
    """The inputs of a golden package, or the answers to them."""
    from safetensors.numpy import load_file
    stored = load_file(GOLDEN / f"{name}.{what}.safetensors")
    return [stored[key] for key in sorted(stored, key=int)]


def weights():
    """The constants of the golden mlp; the small ones are in its code."""
    from safetensors.numpy import load_file
    stored = load_file(GOLDEN / "mlp.weights.safetensors")
    return {name: stored[name] for name in ("a.weight", "a.bias", "b.weight")}


@pytest.fixture(scope="session", autouse=True)
def unpacked():
    if not (GOLDEN / ".unpacked").exists():
        subprocess.run([ROOT / "tests/golden/unpack.sh"], check=True)


@pytest.fixture(scope="session")
def golden():
    """Paths of the packages of torch 2.15."""
    return lambda name: str(GOLDEN / "2.15.0" / f"{name}.pt2")


@pytest.fixture(scope="session")
def containers():
    """A package with all kinds of containers in and out."""
    import container_package
    return str(container_package.build())


@pytest.fixture
def python():
    """Runs a program in another interpreter, which finds the module, and
    returns what it prints. A crash fails the test."""

    def run(program, *arguments, code=0):
        done = subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", program,
             *map(str, arguments)],
            capture_output=True, text=True, timeout=120,
            env={**os.environ, "PYTHONPATH": str(MODULE)})
        assert done.returncode == code, done.stderr
        assert "Sanitizer" not in done.stderr, done.stderr
        return done.stdout

    return run
