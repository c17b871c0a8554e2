# SPDX-License-Identifier: Apache-2.0
"""The two programs of docs/porting-cpp.md: compiled, run on a golden package,
and what they print compared.

The library is the one in build/release, or the folder of $PT2_LIBRARY.
"""
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "porting-cpp.md"
PACKAGE = ROOT / "build/golden/avx2/2.15.0/mlp.pt2"
LIBRARY = pathlib.Path(os.environ.get("PT2_LIBRARY",
                                      ROOT / "build/release/libpt2.so")).parent

torch = pytest.importorskip("torch")


def build(name, folder, *flags):
    """The program of the page's block |name|."""
    blocks = re.findall(r"```cpp (\w+)\n(.*?)```", PAGE.read_text(), re.S)
    source = folder / f"{name}.cpp"
    source.write_text(dict(blocks)[name])
    program = folder / name
    done = subprocess.run(["c++", "-O0", str(source), *map(str, flags), "-o",
                           str(program)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return program


def output(program, package=PACKAGE):
    return subprocess.run([str(program), str(package)], capture_output=True,
                          text=True, timeout=120)


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("porting")
    home = pathlib.Path(torch.__file__).parent
    ours = build("pt2", folder, "-std=c++17", "-Wall", "-Wextra", "-Werror",
                 f"-I{ROOT}/include", f"-L{LIBRARY}", "-lpt2",
                 f"-Wl,-rpath,{LIBRARY}")
    stock = build("torch", folder, "-std=c++20", f"-I{home}/include",
                  f"-L{home}/lib", "-Wl,--no-as-needed", "-ltorch",
                  "-ltorch_cpu", "-lc10", f"-Wl,-rpath,{home}/lib")
    return ours, stock


def test_same_numbers(programs):
    ours, stock = map(output, programs)
    assert (ours.returncode, ours.stderr) == (0, "")
    assert stock.returncode == 0, stock.stderr
    device, *values = ours.stdout.split()
    stock_device, *expected = stock.stdout.split()
    assert device == stock_device == "cpu"
    assert len(values) == len(expected) == 2 * 8 * 4
    assert values[0] != values[32]  # the second run has other weights
    for value, wanted in zip(map(float, values), map(float, expected)):
        assert value == pytest.approx(wanted, abs=1e-4)


def test_both_refuse_a_missing_file(programs):
    ours, stock = (output(program, "none.pt2") for program in programs)
    assert ours.returncode == stock.returncode == 1
    assert ours.stderr.startswith("none.pt2: ")  # stock names no file
    assert ours.stdout == stock.stdout == ""


def test_the_programs_differ_in_names_alone():
    """Line by line, but for includes and what the page's table names."""
    blocks = dict(re.findall(r"```cpp (\w+)\n(.*?)```", PAGE.read_text(), re.S))

    def lines(text):
        text = re.sub(r"\b(at|torch::inductor|pt2)::", "", text)
        return [line for line in text.splitlines()
                if line and not line.startswith("#include")
                and "InferenceMode" not in line]

    assert lines(blocks["torch"]) == lines(blocks["pt2"])
