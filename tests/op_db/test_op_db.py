# SPDX-License-Identifier: Apache-2.0
"""PyTorch's own samples of the operators that the library has; see sweep.py.

names.txt lists the OpInfos that call them; `python tests/op_db/test_op_db.py`
writes it anew, which takes some minutes.
"""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import pytest

import sweep

@pytest.fixture(scope="module")
def swept():
    return sweep.run(names=sweep.names_that_reach(), samples=4,
                     per_function=40)


@pytest.fixture(scope="module")
def functions():
    return {entry.symbol for entry in sweep.default_table().values()}


def test_every_call_agrees(swept):
    wrong = [f"{symbol} {str(dtype)[6:]}: {text}"
             for (symbol, dtype), tally in sorted(
                 swept.tallies.items(), key=lambda item: str(item[0]))
             for text in tally.failures]
    assert not wrong, f"{len(wrong)} calls differ\n" + "\n".join(wrong[:40])


def test_enough_was_called(swept, functions):
    reached = {symbol for symbol, _ in swept.tallies}
    calls = sum(tally.passed for tally in swept.tallies.values())
    # op_db knows nothing of operators that only quantisation or fusion make.
    assert len(reached) >= 0.6 * len(functions), sorted(functions - reached)
    assert calls >= 10 * len(reached)


def find_names():
    """The OpInfos that reach an operator of ours, with few samples of each."""
    found = {}
    table = sweep.default_table()
    for info in sweep.op_db:
        if info.name in found:
            continue
        swept = sweep.run(names={info.name}, samples=6, seconds=10, table=table,
                          dtypes=[sweep.torch.float32, sweep.torch.int64,
                                  sweep.torch.complex64])
        found[info.name] = sorted({symbol for symbol, _ in swept.tallies})
    lines = [" ".join([name, *symbols])
             for name, symbols in sorted(found.items()) if symbols]
    sweep.NAMES.write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} of {len(found)}")


if __name__ == "__main__":
    find_names()
