# SPDX-License-Identifier: Apache-2.0
"""The Python of docs/python.md and of the README runs as it is written there."""
import ast
import asyncio
import inspect
import re
import shutil

import pytest
import torch

import pt2
from conftest import ROOT


def blocks(path):
    found = re.findall(r"^```python\n(.*?)^```", (ROOT / path).read_text(),
                       re.M | re.S)
    assert found, path
    return found


@pytest.mark.parametrize("path,name,count", [
    ("docs/python.md", "model.pt2", 4), ("README.md", "mlp.pt2", 1)])
def test_snippets(golden, tmp_path, monkeypatch, capsys, path, name, count):
    shutil.copy(golden("mlp"), tmp_path / name)
    monkeypatch.chdir(tmp_path)
    names = {"x": torch.ones(8, 16)}
    found = blocks(path)
    assert len(found) == count
    for block in found:
        code = compile(block, path, "exec",
                       flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        result = eval(code, names)
        if inspect.isawaitable(result):
            asyncio.run(result)
    assert type(names["y"]) is torch.Tensor
    assert not pt2.torch_compat.is_installed()
    # What the comments say is printed.
    printed = capsys.readouterr().out
    for wanted in re.findall(r"^print\(.*?\) +# (<.*>)$", "\n".join(found),
                             re.M):
        assert wanted in printed


def test_table_of_calls():
    """What the table names is there."""
    text = (ROOT / "docs/python.md").read_text()
    for name in set(re.findall(r"`pt2\.(\w+)", text)):
        assert hasattr(pt2, name), name
    for name in set(re.findall(r"`(?:model)?\.loader\.(\w+)", text)):
        assert hasattr(pt2.Runner, name), name
    for name in set(re.findall(r"`(\w+Error)`", text)):
        assert hasattr(pt2, name) or name in dir(__builtins__) or (
            name in __builtins__), name
