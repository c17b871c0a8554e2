# SPDX-License-Identifier: Apache-2.0
"""What the tests of the tool share: the tool, and packages to run it on.

PT2_TOOL names another tool than build/release/pt2 (its "tests/convert" must
lie beside it); PT2_CLI_PACKAGES a folder of packages made before.
"""
import hashlib
import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOL = pathlib.Path(os.environ.get("PT2_TOOL", ROOT / "build/release/pt2"))
PACKAGES_PY = pathlib.Path(__file__).with_name("packages.py")


class Result:

    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    def json(self):
        return json.loads(self.out)


def call(*arguments, env=None, timeout=120):
    done = subprocess.run([str(TOOL), *map(str, arguments)],
                          capture_output=True, text=True, timeout=timeout,
                          stdin=subprocess.DEVNULL,
                          env={**os.environ, **(env or {})})
    return Result(done)


@pytest.fixture
def pt2():
    """Calls the tool; a crash or a sanitizer's report fails the test."""

    def checked(*arguments, **options):
        result = call(*arguments, **options)
        assert result.code in (0, 1, 2, 3), result.err
        assert "Sanitizer" not in result.err, result.err
        if result.code:
            # One line that says what was wrong, after the notes.
            errors = [line for line in result.err.splitlines()
                      if not line.startswith("pt2: note: ")]
            if errors:
                assert errors[0].startswith("pt2: error: "), result.err
                assert len(errors) == 1, result.err
        return result

    return checked


@pytest.fixture
def convert(tmp_path):
    """Reads a SPEC and writes a file through the tool's readers and writers."""
    program = TOOL.parent / "tests" / "convert"

    def run(spec, path):
        done = subprocess.run([str(program), spec, str(path)],
                              capture_output=True, text=True, timeout=60)
        assert "Sanitizer" not in done.stderr, done.stderr
        return Result(done)

    return run


@pytest.fixture(scope="session")
def packages():
    """The folder of the packages of packages.py, compiled once."""
    given = os.environ.get("PT2_CLI_PACKAGES")
    if given:
        return pathlib.Path(given)
    folder = ROOT / "build" / "cli-packages"
    stamp = folder / "stamp"
    wanted = hashlib.sha256(PACKAGES_PY.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        subprocess.run([sys.executable, str(PACKAGES_PY), str(folder)],
                       check=True, timeout=1200)
        stamp.write_text(wanted)
    return folder
