# SPDX-License-Identifier: Apache-2.0
"""The digits demo on its ten pictures, and on what it must refuse.

What the program prints is compared with eager PyTorch's probabilities. The
program is build/release/examples/digits, or lies in $PT2_EXAMPLES.
"""

import os
import pathlib
import re
import struct
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples" / "digits"
PACKAGE = FOLDER / "digits.pt2"
PICTURE = FOLDER / "pictures" / "1.pgm"
PROGRAM = os.environ.get("PT2_EXAMPLES", str(ROOT / "build/release/examples"))
PROGRAM += "/digits"


def expected_probabilities() -> list[tuple[float, ...]]:
    """The rows of expected.npy, a float32 array of 10 rows and 10 columns."""
    data = (FOLDER / "expected.npy").read_bytes()
    header = data[10 : 10 + struct.unpack("<H", data[8:10])[0]]
    assert b"'<f4'" in header and b"(10, 10)" in header, header
    values = struct.unpack("<100f", data[10 + len(header) :])
    return [values[10 * i : 10 * i + 10] for i in range(10)]


def run(*arguments) -> subprocess.CompletedProcess:
    command = [PROGRAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("digit", range(10))
def test_reads_picture(digit):
    done = run(PACKAGE, FOLDER / "pictures" / f"{digit}.pgm")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"This is a {digit}." in done.stdout
    shown = re.findall(r"(?m)^  (\d) +([0-9.]+) %", done.stdout)
    assert [int(c) for c, _ in shown] == list(range(10))
    for (_, percent), probability in zip(shown, expected_probabilities()[digit]):
        assert abs(float(percent) - 100 * probability) < 0.006  # two decimals


def test_draws_picture():
    picture = run(PACKAGE, FOLDER / "pictures" / "0.pgm").stdout.splitlines()[:8]
    assert [len(line) for line in picture] == [16] * 8
    rows = (FOLDER / "pictures" / "0.pgm").read_text().splitlines()[3:]
    for line, row in zip(picture, rows):
        greys = [int(grey) for grey in row.split()]
        assert [c == "█" for c in line[::2]] == [grey >= 14 for grey in greys]
        assert [c == " " for c in line[::2]] == [grey < 2 for grey in greys]


@pytest.mark.parametrize(
    "status, text, arguments",
    [
        (2, "usage:", (PACKAGE,)),
        (2, "usage:", (PACKAGE, PICTURE, PICTURE)),
        (1, "no-such.pgm", (PACKAGE, "no-such.pgm")),
        (1, "no-such.pt2", ("no-such.pt2", PICTURE)),
        (1, "plain PGM", (PACKAGE, PACKAGE)),
        (1, "plain PGM", (PACKAGE, FOLDER)),
        (1, PICTURE.name, (PICTURE, PICTURE)),
    ],
)
def test_refuses(status, text, arguments):
    done = run(*arguments)
    assert done.returncode == status
    assert text in done.stderr


def test_refuses_short_picture(tmp_path):
    short = tmp_path / "short.pgm"
    short.write_text("P2\n8 8\n16\n1 2 3\n")
    done = run(PACKAGE, short)
    assert done.returncode == 1
    assert "short.pgm: not an 8x8 picture in plain PGM" in done.stderr
