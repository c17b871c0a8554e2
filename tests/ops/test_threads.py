# SPDX-License-Identifier: Apache-2.0
"""The operators at the sizes of bench/ops, where their work is shared: the same
bits with one, three and five threads."""
import ctypes
import importlib.util
import pathlib
import types

import pytest
import torch

import harness

ROOT = pathlib.Path(__file__).resolve().parents[2]
THREADS = (1, 3, 5)

spec = importlib.util.spec_from_file_location("bench_run",
                                              ROOT / "bench/ops/run.py")
bench = importlib.util.module_from_spec(spec)
spec.loader.exec_module(bench)


def answer(symbol, args, outputs, threads):
    """The bytes of the results and of what the call may have changed."""
    library = harness.library().dll
    assert library.pt2_set_num_threads(threads) == 0
    library.pt2_manual_seed(ctypes.c_uint64(7))
    mine = harness.twin(list(args))
    entry = types.SimpleNamespace(symbol=symbol, changes=(),
                                  results=lambda: ["tensor"] * outputs)
    code, results, _ = harness.invoke(entry, mine)
    assert code == 0, results
    tensors = [t for t in results if t is not None] + [*harness.tensors_in(mine)]
    return [harness.storage_bytes(t) for t in tensors]


@pytest.fixture(autouse=True)
def threads_as_before():
    library = harness.library().dll
    before = library.pt2_num_threads()
    yield
    assert library.pt2_set_num_threads(before) == 0


@pytest.mark.parametrize("path", bench.case_files(), ids=lambda path: path.stem)
def test_same_bits(path):
    wrong, count = [], 0
    with torch.no_grad():
        for name, symbol, args, _, outputs in bench.cases_of(
                path, torch, harness):
            count += 1
            first, *others = [answer(symbol, args, outputs, threads)
                              for threads in THREADS]
            wrong += [f"{name}, {threads} threads"
                      for threads, other in zip(THREADS[1:], others)
                      if other != first]
    assert count > 0
    assert not wrong
