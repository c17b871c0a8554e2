# SPDX-License-Identifier: Apache-2.0
"""The runner of mps from Python, on the software device: each test in a process
of its own, since back ends are never taken away."""
import subprocess

import pytest

from conftest import ROOT

LOAD = """
import ctypes
import sys
import numpy as np
import pt2
library = next(line.split()[-1] for line in open("/proc/self/maps")
               if "/libpt2.so" in line)
library = ctypes.CDLL(library)
library.pt2_error_message.restype = ctypes.c_char_p
if library.pt2_backend_load(sys.argv[1].encode(), None) != 0:
    sys.exit(library.pt2_error_message().decode())
path = sys.argv[2]
def refused(kind, words, *arguments, **more):
    try:
        pt2.AOTIModelContainerRunnerMps(path, *arguments, **more)
    except kind as error:
        assert words in str(error), error
    else:
        sys.exit(f"{arguments} are taken")
"""


@pytest.fixture
def run(python):
    plugin = ROOT / "build/release/tests/libpt2_backend_softmetal.so"
    packages = ROOT / "build/mps/packages"
    subprocess.run(["sh", ROOT / "tests/mps/unpack.sh"], check=True)
    return lambda program: python(LOAD + program, str(plugin),
                                  str(packages / "gelu_mlp.pt2"))


def test_torchs_arguments(run):
    run("""
for runner in (pt2.AOTIModelContainerRunnerMps(path),
               pt2.AOTIModelContainerRunnerMps(path, 1),
               pt2.AOTIModelContainerRunnerMps(path, 3),
               pt2.AOTIModelContainerRunnerMps(model_so_path=path,
                                               num_models=1,
                                               run_single_threaded=True)):
    assert isinstance(runner, pt2.Runner)
    assert len(runner.get_call_spec()) == 2
    assert set(runner.get_constant_names_to_original_fqns().values()) == {
        "up.weight", "up.bias", "down.weight", "down.bias"}
""")


def test_what_is_refused(run):
    run("""
refused(ValueError, "device_str is 'cpu', not", 1, "cpu")
refused(ValueError, "at least 1", 0)
refused(ValueError, "single-threaded", 2, run_single_threaded=True)
refused(ValueError, "cubin_dir", 1, "mps", "/somewhere")
try:
    pt2.AOTIModelContainerRunnerMps(path).run([np.zeros((8, 32), np.float32)])
except Exception as error:
    assert "mps" in str(error), error
else:
    sys.exit("a tensor of the host is taken")
""")
