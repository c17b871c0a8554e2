# SPDX-License-Identifier: Apache-2.0
"""The library is unloaded while threads that used it live on: what it put into
them must not be called when they end."""
import os
import pathlib
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]

PROGRAM = r"""
import _ctypes, ctypes, sys, threading
path = sys.argv[1]
name = path.rsplit("/", 1)[1]

def mapped():
    return any(name in line for line in open("/proc/self/maps"))

lib = ctypes.CDLL(path)
used, unloaded = threading.Event(), threading.Event()

def use():
    handle = ctypes.c_void_p()
    sizes = (ctypes.c_int64 * 1)(100)
    assert lib.pt2_tensor_create(6, 1, sizes, None, ctypes.byref(handle)) == 0
    lib.pt2_tensor_release(handle)

def live_on():
    use()
    used.set()
    unloaded.wait()

thread = threading.Thread(target=live_on)
thread.start()
used.wait()
use()
before = mapped()
_ctypes.dlclose(lib._handle)
after = mapped()
unloaded.set()
thread.join()
# Loaded once more, with the same threads about.
lib = ctypes.CDLL(path)
use()
print(before, after, "done")
"""


def test_threads_outlive_the_library():
    path = os.environ.get("PT2_LIBRARY", str(ROOT / "build/release/libpt2.so"))
    if "asan" in path:
        pytest.skip("AddressSanitizer keeps libraries")
    real = os.path.realpath(path)
    done = subprocess.run([sys.executable, "-c", PROGRAM, real],
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "False", "done"]
