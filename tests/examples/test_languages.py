# SPDX-License-Identifier: Apache-2.0
"""The digit reader in Rust and in Go: compiled, run on the ten pictures, and
given what it must refuse.

The library is the one in build/release, or that of $PT2_LIBRARY.
"""
import os
import pathlib
import re
import shutil
import struct
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
PACKAGE = EXAMPLES / "digits" / "digits.pt2"
PICTURES = [EXAMPLES / f"digits/pictures/{digit}.pgm" for digit in range(10)]
LIBRARY = pathlib.Path(os.environ.get("PT2_LIBRARY",
                                      ROOT / "build/release/libpt2.so")).parent


def rust(program):
    return (["rustc", "--edition", "2021", "-O", "-L", LIBRARY, "-C",
             f"link-arg=-Wl,-rpath,{LIBRARY}", "-o", program,
             EXAMPLES / "rust/digits.rs"], ROOT)


def go(program):
    return (["go", "build", "-ldflags", f"-r {LIBRARY}", "-o", program, "."],
            EXAMPLES / "go")


@pytest.fixture(scope="module", params=[rust, go])
def program(request, tmp_path_factory):
    """A function that runs the program."""
    folder = tmp_path_factory.mktemp(request.param.__name__)
    command, where = request.param(folder / "digits")
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed (scripts/get_deps.sh)")
    done = subprocess.run(list(map(str, command)), cwd=where, text=True,
                          capture_output=True, timeout=300,
                          env={**os.environ, "GOPROXY": "off",
                               "GOFLAGS": "-mod=mod",
                               "CGO_LDFLAGS": f"-L{LIBRARY}",
                               "GOCACHE": str(ROOT / "build/go-cache")})
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr, done.stderr

    def run(*arguments):
        return subprocess.run([str(folder / "digits"), *map(str, arguments)],
                              capture_output=True, text=True, timeout=60)

    return run


def test_reads_pictures(program):
    data = (EXAMPLES / "digits/expected.npy").read_bytes()[-400:]
    rows = [struct.unpack_from("<10f", data, 40 * digit) for digit in range(10)]
    done = program(PACKAGE, *PICTURES)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == 10
    for digit, line in enumerate(lines):
        path, seen, percent = re.fullmatch(r"(.*): (\d) \((.*) %\)",
                                           line).groups()
        assert (path, int(seen)) == (str(PICTURES[digit]), digit)
        assert abs(float(percent) - 100 * max(rows[digit])) < 0.006


def test_refuses(program, tmp_path):
    (tmp_path / "short.pgm").write_text("P2 8 8 16 1 2 3")
    (tmp_path / "words.pgm").write_text("P2 8 8 16 " + "x " * 64)
    assert program(PACKAGE).returncode == 2
    other = ROOT / "build/golden/avx2/2.15.0/mlp.pt2"
    for arguments, text in [
            (("none.pt2", PICTURES[0]), "none.pt2"),
            ((PACKAGE, "none.pgm"), "none.pgm"),
            ((PACKAGE, tmp_path / "short.pgm"), "short.pgm"),
            ((PACKAGE, tmp_path / "words.pgm"), "words.pgm"),
            ((other, PICTURES[0]), "input 0 (ARGS[0]): expected rank 2, got 4")]:
        done = program(*arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert text in done.stderr
