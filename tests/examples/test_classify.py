# SPDX-License-Identifier: Apache-2.0
"""Pictures in, labels out: the ten digits as PGM and PNG, in several sizes,
against eager PyTorch's probabilities; and files that must be refused.

The program is build/release/examples/classify, or lies in $PT2_EXAMPLES.
"""
import os
import pathlib
import re
import struct
import subprocess
import zlib

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DIGITS = ROOT / "examples" / "digits"
PACKAGE = DIGITS / "digits.pt2"
LABELS = ROOT / "examples" / "classify" / "digits.txt"
PROGRAM = os.environ.get("PT2_EXAMPLES", str(ROOT / "build/release/examples"))
PROGRAM += "/classify"
NAMES = LABELS.read_text().split()


def run(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True,
                          text=True, timeout=60)


def greys(digit):
    """8 rows of 8 greys, 0 to 16."""
    words = (DIGITS / f"pictures/{digit}.pgm").read_text().split()[4:]
    return [list(map(int, words[8 * y:8 * y + 8])) for y in range(8)]


def expected(digit):
    data = (DIGITS / "expected.npy").read_bytes()
    return struct.unpack("<100f", data[-400:])[10 * digit:10 * digit + 10]


def paeth(left, up, corner):
    guess = left + up - corner
    return min((abs(guess - left), 0, left), (abs(guess - up), 1, up),
               (abs(guess - corner), 2, corner))[2]


def png(rows, channels=1):
    """A PNG of |rows| of bytes; row y has the filter y % 5."""
    kinds = {1: 0, 3: 2, 2: 4, 4: 6}
    plain, above = b"", bytes(len(rows[0]))
    for y, row in enumerate(rows):
        line = bytearray([y % 5])
        for i, value in enumerate(row):
            left = row[i - channels] if i >= channels else 0
            corner = above[i - channels] if i >= channels else 0
            add = [0, left, above[i], (left + above[i]) // 2,
                   paeth(left, above[i], corner)][y % 5]
            line.append((value - add) % 256)
        plain += bytes(line)
        above = row

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(
            ">I", zlib.crc32(body))

    packed = zlib.compress(plain)
    header = struct.pack(">IIBBBBB", len(rows[0]) // channels, len(rows), 8,
                         kinds[channels], 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
            chunk(b"IDAT", packed[:20]) + chunk(b"IDAT", packed[20:]) +
            chunk(b"IEND", b""))


def shown(done):
    assert (done.returncode, done.stderr) == (0, "")
    return [(float(percent), label) for percent, label in re.findall(
        r"(?m)^ +([0-9.]+) %  (\w+)$", done.stdout)]


def check(done, digit, tolerance):
    best = sorted(zip(expected(digit), NAMES), reverse=True)[:3]
    seen = shown(done)
    assert len(seen) == 3 and seen[0][1] == best[0][1] == NAMES[digit]
    probabilities = dict(zip(NAMES, expected(digit)))
    for percent, label in seen:
        assert abs(percent / 100 - probabilities[label]) < tolerance


@pytest.mark.parametrize("digit", range(10))
def test_pgm(digit):
    check(run(PACKAGE, LABELS, DIGITS / f"pictures/{digit}.pgm"), digit, 6e-5)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("scale", [1, 5])
def test_png(channels, scale, tmp_path):
    for digit in (0, 4, 7):
        rows = []
        for row in greys(digit):
            line = b"".join(
                bytes([round(grey * 255 / 16)] * (1 if channels < 3 else 3)) +
                (b"\xff" if channels % 2 == 0 else b"")
                for grey in row for _ in range(scale))
            rows += [line] * scale
        path = tmp_path / "picture.png"
        path.write_bytes(png(rows, channels))
        # 16 greys of 255: half a step is a 500th.
        check(run(PACKAGE, LABELS, path), digit, 0.02)


def test_ink_on_paper_and_comments(tmp_path):
    text = "P2 # a comment\n# another\n8 8\n16\n"
    text += " ".join(str(16 - grey) for row in greys(3) for grey in row)
    (tmp_path / "paper.pgm").write_text(text)
    check(run(PACKAGE, LABELS, tmp_path / "paper.pgm"), 3, 6e-5)
    raw = b"P5\n12 12\n255\n" + b"".join(
        bytes(255 - round(g * 255 / 16) for g in [0] * 2 + row + [0] * 2)
        for row in [[0] * 8] * 2 + greys(3) + [[0] * 8] * 2)
    (tmp_path / "raw.pgm").write_bytes(raw)
    assert shown(run(PACKAGE, LABELS, tmp_path / "raw.pgm"))


def test_refuses(tmp_path):
    good = png([bytes(8)] * 8)
    broken = {
        "short.pgm": b"P2 8 8 16 1 2 3", "huge.pgm": b"P5 99999999 99999999 255\n",
        "grey.pgm": b"P2 8 8 70000 1", "text.png": b"hello", "empty.png": b"",
        "cut.png": good[:40], "none.png": good[:8], "header.png": good[:33],
        "size.png": good[:16] + b"\xff" * 8 + good[24:],
        "deep.png": good[:24] + b"\x10" + good[25:],
        "filter.png": good[:33] + struct.pack(">I", 0) + good[37:],
    }
    for name, data in broken.items():
        (tmp_path / name).write_bytes(data)
        done = run(PACKAGE, LABELS, tmp_path / name)
        assert (done.returncode, done.stdout) == (1, ""), name
        assert name in done.stderr
    (tmp_path / "labels.txt").write_text("one\n")
    picture = DIGITS / "pictures/1.pgm"
    for arguments, text in [((PACKAGE, tmp_path / "labels.txt", picture), "1 labels"),
                            ((PACKAGE, tmp_path / "no.txt", picture), "no.txt"),
                            (("no.pt2", LABELS, picture), "no.pt2"),
                            ((PACKAGE, LABELS, "no.png"), "no.png")]:
        done = run(*arguments)
        assert done.returncode == 1 and text in done.stderr
    assert run(PACKAGE, LABELS).returncode == 2
