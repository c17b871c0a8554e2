# SPDX-License-Identifier: Apache-2.0
"""Many operators in one package, through the stock runner and through libpt2:
equal values, dtypes, sizes and strides, and the package really imports them."""
import json
import pathlib
import subprocess
import sys
import zipfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

import torch

import build
import models
import pt2lib
import test_zoo


def imports(package, folder):
    """The undefined symbols of the package's library."""
    with zipfile.ZipFile(package) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".so"))
        (folder / "model.so").write_bytes(archive.read(name))
    listed = subprocess.run(["nm", "-D", "--undefined-only",
                             str(folder / "model.so")], check=True,
                            capture_output=True, text=True).stdout
    return {line.split()[-1] for line in listed.splitlines()}


@pytest.mark.parametrize("name", list(models.BATCHES))
def test_imports_what_it_is_for(name, tmp_path):
    missing = (set(models.BATCHES[name].OPERATORS)
               - imports(build.package(name), tmp_path))
    assert not missing, "Inductor compiled them itself: the batch tests nothing"


def called_by_name(package):
    """The operators that the package calls through the proxy executor."""
    with zipfile.ZipFile(package) as archive:
        listed = [json.loads(archive.read(name)) for name in archive.namelist()
                  if name.endswith(".json") and "extern" not in name.split("/")[0]
                  and b'"nodes"' in archive.read(name)]
    return {node["node"]["target"].removesuffix(".default")
            for nodes in listed for node in nodes.get("nodes", ())}


@pytest.mark.parametrize("name", [n for n, batch in models.BATCHES.items()
                                  if hasattr(batch, "BY_NAME")])
def test_calls_by_name_what_it_is_for(name):
    missing = (set(models.BATCHES[name].BY_NAME)
               - called_by_name(build.package(name)))
    assert not missing, "Inductor compiled them itself: the batch tests nothing"


@pytest.mark.parametrize("name", list(models.BATCHES))
def test_like_stock(name):
    inputs = build.entry_of(name).inputs
    stock, ours = test_zoo.stock_and_ours(name)
    for turn in range(2):
        theirs, mine = test_zoo.clone(inputs), test_zoo.clone(inputs)
        torch.manual_seed(77)
        pt2lib.lib.pt2_manual_seed(77)
        expected = test_zoo.leaves(stock(*theirs))
        results = [r for r in ours.run(test_zoo.leaves(mine)) if r is not None]
        test_zoo.compare(results, expected, f"{name}, call {turn}")
