# SPDX-License-Identifier: Apache-2.0
"""Collects the samples files: every *.py here that calls op(). An item is one
function with one dtype, or its bad calls: pytest tests/ops -k cumsum."""
import importlib.util
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
# Files here are named after operators; none may stand for a module of Python's.
sys.path[:] = [p for p in sys.path if pathlib.Path(p or ".").resolve() != HERE]


if "harness" not in sys.modules:
    spec = importlib.util.spec_from_file_location("harness",
                                                  HERE / "harness.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["harness"] = module
    spec.loader.exec_module(module)
harness = sys.modules["harness"]


class OpItem(pytest.Item):
    def __init__(self, *, entry, dtype, **kwargs):
        super().__init__(**kwargs)
        self.entry, self.dtype = entry, dtype

    def runtest(self):
        if self.dtype is None:
            failures = harness.run_bad(self.entry)
        else:
            failures = harness.run_samples(self.entry, self.dtype)
        if failures:
            shown = "\n".join(failures[:8])
            raise AssertionError(f"{len(failures)} failed\n{shown}")

    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, AssertionError):
            return f"{self.entry.symbol}: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self):
        return self.path, 0, self.name


class OpFile(pytest.File):
    def collect(self):
        for entry in harness.entries_of(self.path):
            for dtype in entry.dtypes:
                yield OpItem.from_parent(
                    self, name=f"{entry.symbol}[{str(dtype)[6:]}]",
                    entry=entry, dtype=dtype)
            if entry.bad:
                yield OpItem.from_parent(self, name=f"{entry.symbol}[bad]",
                                         entry=entry, dtype=None)


def pytest_collect_file(file_path, parent):
    if file_path.parent == HERE and harness.is_samples_file(file_path):
        return OpFile.from_parent(parent, path=file_path)
    return None
