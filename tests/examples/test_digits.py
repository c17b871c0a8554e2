# SPDX-License-Identifier: Apache-2.0
"""The digits demo on its ten pictures, and on what it must refuse.

usage: test_digits.py DIGITS_PROGRAM

What the program prints is compared with eager PyTorch's probabilities. Needs
nothing but Python's own library.
"""

import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import unittest

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "examples" / "digits"
PACKAGE = FOLDER / "digits.pt2"
PROGRAM = ""


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


class Digits(unittest.TestCase):
    def test_reads_each_picture(self):
        for digit, row in enumerate(expected_probabilities()):
            with self.subTest(digit=digit):
                done = run(PACKAGE, FOLDER / "pictures" / f"{digit}.pgm")
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(done.stderr, "")
                self.assertIn(f"This is a {digit}.", done.stdout)
                shown = re.findall(r"(?m)^  (\d) +([0-9.]+) %", done.stdout)
                self.assertEqual([int(c) for c, _ in shown], list(range(10)))
                for (_, percent), probability in zip(shown, row):
                    self.assertLess(abs(float(percent) - 100 * probability), 0.006)

    def test_draws_the_picture(self):
        done = run(PACKAGE, FOLDER / "pictures" / "0.pgm")
        picture = done.stdout.splitlines()[:8]
        self.assertTrue(all(len(line) == 16 for line in picture), picture)
        self.assertIn("█", done.stdout)

    def refused(self, status, text, *arguments):
        done = run(*arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertIn(text, done.stderr)

    def test_says_what_is_wrong(self):
        picture = FOLDER / "pictures" / "1.pgm"
        self.refused(2, "usage:", PACKAGE)
        self.refused(1, "no-such.pgm", PACKAGE, "no-such.pgm")
        self.refused(1, "no-such.pt2", "no-such.pt2", picture)
        self.refused(1, "plain PGM", PACKAGE, PACKAGE)
        self.refused(1, picture.name, picture, picture)
        with tempfile.NamedTemporaryFile("w", suffix=".pgm") as short:
            short.write("P2\n8 8\n16\n1 2 3\n")
            short.flush()
            self.refused(1, "plain PGM", PACKAGE, short.name)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    PROGRAM = sys.argv.pop()
    unittest.main()
