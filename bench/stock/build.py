# SPDX-License-Identifier: Apache-2.0
"""Builds bench/stock/per_call.cpp against the torch of this Python, into
build/bench-stock/per_call."""
import pathlib
import subprocess

import torch
from torch.utils import cpp_extension

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "bench-stock" / "per_call"


def main():
    OUT.parent.mkdir(parents=True, exist_ok=True)
    libraries = str(pathlib.Path(torch.__file__).parent / "lib")
    includes = [f"-I{path}" for path in cpp_extension.include_paths()]
    subprocess.run(["g++", "-O2", "-std=c++20", *includes,
                    str(pathlib.Path(__file__).with_name("per_call.cpp")),
                    f"-L{libraries}", f"-Wl,-rpath,{libraries}",
                    "-Wl,--no-as-needed", "-ltorch", "-ltorch_cpu", "-lc10",
                    "-o", str(OUT)], check=True)
    print(OUT)


main()
