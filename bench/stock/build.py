# SPDX-License-Identifier: Apache-2.0
"""Builds the programs of this folder against the torch of this Python, into
build/bench-stock."""
import pathlib
import subprocess

import torch
from torch.utils import cpp_extension

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "bench-stock"


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    libraries = str(pathlib.Path(torch.__file__).parent / "lib")
    includes = [f"-I{path}" for path in cpp_extension.include_paths()]
    for source in sorted(pathlib.Path(__file__).parent.glob("*.cpp")):
        program = OUT / source.stem
        subprocess.run(["g++", "-O2", "-std=c++20", *includes, str(source),
                        f"-L{libraries}", f"-Wl,-rpath,{libraries}",
                        "-Wl,--no-as-needed", "-ltorch", "-ltorch_cpu", "-lc10",
                        "-pthread", "-o", str(program)], check=True)
        print(program)


main()
