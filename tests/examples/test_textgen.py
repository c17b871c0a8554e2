# SPDX-License-Identifier: Apache-2.0
"""Text written letter by letter, against eager PyTorch's.

Skipped where build/textgen is not made (examples/textgen/make_package.py).
"""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(os.environ.get("PT2_TEXTGEN", ROOT / "build" / "textgen"))
PROGRAM = os.environ.get("PT2_EXAMPLES", str(ROOT / "build/release/examples"))
PROGRAM += "/textgen"


def run(*arguments):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True,
                          text=True, timeout=120)


@pytest.fixture(scope="module")
def expected():
    if not (FOLDER / "stamp").exists():
        pytest.skip(f"{FOLDER} is not made (examples/textgen/make_package.py)")
    return (FOLDER / "expected.txt").read_text()


# The longer the prompt, the more of it is read at once; one letter goes by
# steps alone.
@pytest.mark.parametrize("length", [8, 2, 9, 40, 95])
def test_writes_what_eager_pytorch_writes(expected, length):
    done = run(FOLDER, expected[:length])
    assert done.returncode == 0, done.stderr
    if length >= 8:
        assert done.stdout == expected + "\n"
    assert len(done.stdout) == len(expected) + 1
    assert " 30 constants shared" in done.stderr


def test_a_letter_at_a_time_is_the_same(expected):
    one = run(FOLDER, expected[:1])
    two = run(FOLDER, one.stdout[:2])
    assert one.returncode == two.returncode == 0
    assert one.stdout == two.stdout


def test_stops_where_it_is_told(expected):
    done = run(FOLDER, expected[:8], 5)
    assert done.stdout == expected[:13] + "\n"
    assert run(FOLDER, expected[:8], 0).stdout == expected[:8] + "\n"
    assert len(run(FOLDER, "x" * 96).stdout) == 98


def test_refuses(expected, tmp_path):
    assert run(FOLDER).returncode == 2
    for arguments, text in [((tmp_path, "a"), "prefill.pt2"),
                            ((FOLDER, ""), "0 letters"),
                            ((FOLDER, "x" * 97), "97 letters"),
                            ((FOLDER, "naïve"), "ASCII")]:
        done = run(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert text in done.stderr
