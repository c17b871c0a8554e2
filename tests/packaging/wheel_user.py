# SPDX-License-Identifier: Apache-2.0
"""What wheel.sh runs in the environment that has the wheel and numpy only:

    wheel_user.py GOLDEN ENVIRONMENT
"""
import json
import pathlib
import struct
import sys

import numpy
import pt2

golden, environment = map(pathlib.Path, sys.argv[1:])
RELEASE = golden / "2.15.0"


def tensors(path):
    """The f32 tensors of a safetensors file, in the order of their keys."""
    data = path.read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    header, body = json.loads(data[8:8 + size]), data[8 + size:]
    header.pop("__metadata__", None)
    for _, entry in sorted(header.items(), key=lambda item: int(item[0])):
        assert entry["dtype"] == "F32", path
        begin, end = entry["data_offsets"]
        yield numpy.frombuffer(body[begin:end], numpy.float32).reshape(
            entry["shape"]).copy()


def run(name):
    model = pt2.load_package(str(RELEASE / f"{name}.pt2"))
    results = model(*tensors(golden / f"{name}.inputs.safetensors"))
    results = results if isinstance(results, (tuple, list)) else [results]
    expected = list(tensors(golden / f"{name}.expected.safetensors"))
    assert len(results) == len(expected), (len(results), len(expected))
    for result, right in zip(results, expected):
        numpy.testing.assert_allclose(numpy.from_dlpack(result), right,
                                      rtol=1.3e-6, atol=1e-5)


def libraries():
    """The files that are mapped, by the name that they are known under."""
    paths = {pathlib.Path(line.split()[-1])
             for line in open("/proc/self/maps") if "/" in line}
    return [path for path in paths if ".so" in path.name]


run("mlp")   # matrix products
run("math")  # what Sleef has
assert "torch" not in sys.modules
for name in ("libpt2.so", "libgomp", "libsleef", "libjansson"):
    found = [path for path in libraries() if path.name.startswith(name)]
    # One of each, the wheel's: so there is one pool of threads.
    assert len(found) == 1 and environment in found[0].parents, (name, found)
