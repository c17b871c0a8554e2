# SPDX-License-Identifier: Apache-2.0
"""The examples in Python: the digit reader, weights changed under traffic, and
the plot of latency over batch size.

Those that import the module are skipped where it is not built (build/release/
python, or on $PYTHONPATH).
"""
import os
import pathlib
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
GOLDEN = ROOT / "build/golden/avx2/2.15.0"
TOOL = str(ROOT / "build/release/pt2")
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(
    filter(None, [os.environ.get("PYTHONPATH"), str(ROOT / "build/release/python")]))}


def run(example, *arguments):
    return subprocess.run([sys.executable, str(EXAMPLES / example),
                           *map(str, arguments)], capture_output=True, text=True,
                          timeout=120, env=ENVIRONMENT)


@pytest.fixture(scope="module")
def module():
    done = subprocess.run([sys.executable, "-c", "import pt2; pt2.load_package"],
                          env=ENVIRONMENT, cwd="/", capture_output=True, text=True)
    if "ModuleNotFoundError" in done.stderr:
        pytest.skip("the Python module is not built")
    assert done.returncode == 0, done.stderr


def test_digits(module):
    pictures = [EXAMPLES / f"digits/pictures/{digit}.pgm" for digit in range(10)]
    done = run("python/digits.py", EXAMPLES / "digits/digits.pt2", *pictures)
    assert (done.returncode, done.stderr) == (0, "")
    data = (EXAMPLES / "digits/expected.npy").read_bytes()[-400:]
    lines = done.stdout.splitlines()
    assert len(lines) == 10
    for digit, line in enumerate(lines):
        path, seen, percent = re.fullmatch(r"(.*): (\d) \((.*) %\)", line).groups()
        assert (path, int(seen)) == (str(pictures[digit]), digit)
        most = max(struct.unpack_from("<10f", data, 40 * digit))
        assert abs(float(percent) - 100 * most) < 0.006


def test_digits_refuses(module, tmp_path):
    (tmp_path / "short.pgm").write_text("P2 8 8 16 1 2 3")
    assert run("python/digits.py").returncode == 2
    package = EXAMPLES / "digits/digits.pt2"
    picture = EXAMPLES / "digits/pictures/1.pgm"
    for arguments, text in [(("none.pt2", picture), "none.pt2"),
                            ((package, "none.pgm"), "none.pgm"),
                            ((package, tmp_path / "short.pgm"), "short.pgm"),
                            ((GOLDEN / "mlp.pt2", picture), "ARGS[0]")]:
        done = run("python/digits.py", *arguments)
        assert done.returncode == 1 and text in done.stderr


def test_weights(module):
    pytest.importorskip("numpy")
    sums = {}
    for factor in (1, 2):
        done = run("python/weights.py", GOLDEN / "mlp.pt2", factor)
        assert (done.returncode, done.stderr) == (0, "")
        count, text = re.fullmatch(r"(\d+) constants; sums \[(.*)\]\n",
                                   done.stdout).groups()
        assert count == "3"
        sums[factor] = {float(value) for value in text.split(", ")}
    assert len(sums[1]) == 1 and len(sums[2]) == 2 and sums[1] < sums[2]


def test_latency(tmp_path):
    target = tmp_path / "plot.svg"
    done = run("latency/latency.py", GOLDEN / "mlpdyn.pt2", "--tool", TOOL,
               "--batches", "2,8,64", "--seconds", "0.05", "-o", target)
    assert (done.returncode, done.stderr) == (0, "")
    root = ElementTree.parse(target).getroot()
    width, height = float(root.get("width")), float(root.get("height"))
    lines = [item.get("points").split() for item in root
             if item.tag.endswith("polyline")]
    assert len(lines) == 3 and {len(points) for points in lines} == {3}
    for points in lines:
        places = [tuple(map(float, point.split(","))) for point in points]
        assert places == sorted(places)  # from left to right
        assert all(0 < x < width and 0 < y < height for x, y in places)
    # A batch of 8 is drawn at two fifths of the way from 2 to 64 on a log axis
    # whose ends they are.
    first, middle, last = (float(point.split(",")[0]) for point in lines[0])
    assert (middle - first) / (last - first) == pytest.approx(2 / 5, abs=1e-3)
    texts = [item.text for item in root if item.tag.endswith("text")]
    assert {"2", "8", "64", "batch size", "median"} <= set(texts)
    assert [re.search(rf"batch {size}: [0-9.]+ us", done.stdout)
            for size in (2, 8, 64)].count(None) == 0


def test_latency_refuses(tmp_path):
    for arguments, text in [((GOLDEN / "mlp.pt2",), "dynamic first dimension"),
                            (("none.pt2",), "none.pt2"),
                            ((GOLDEN / "mlpdyn.pt2", "--batches", "1"),
                             "expected 2 to 1024, got 1")]:
        done = run("latency/latency.py", *arguments, "--tool", TOOL, "-o",
                   tmp_path / "plot.svg")
        assert done.returncode == 1 and text in done.stderr
    assert not (tmp_path / "plot.svg").exists()


def test_examples_are_short():
    """What a person would start from fits on two screens."""
    for path in EXAMPLES.rglob("*"):
        if path.suffix in (".c", ".cpp", ".py", ".rs", ".go", ".h"):
            # Which builds a whole BERT from its weights.
            if path != EXAMPLES / "minilm" / "make_package.py":
                assert len(path.read_text().splitlines()) < 150, path
