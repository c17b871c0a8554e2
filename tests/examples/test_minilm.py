# SPDX-License-Identifier: Apache-2.0
"""Sentence search against stock PyTorch running the same package.

Skipped where build/minilm is not made (examples/minilm/make_package.py).
"""

import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(os.environ.get("PT2_MINILM", ROOT / "build" / "minilm"))
PROGRAM = os.environ.get("PT2_EXAMPLES", str(ROOT / "build/release/examples"))
PROGRAM += "/minilm"
SENTENCES = ROOT / "examples" / "minilm" / "sentences.txt"
NEAREST = {
    "How do I bake bread?": "A sourdough loaf",
    "Tell me about public transport.": "Buses run every quarter",
    "segmentation fault": "The program crashed",
    "astronomy": "The telescope found",
}


def run(*arguments) -> subprocess.CompletedProcess:
    command = [PROGRAM, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def stock():
    """A function: lines of text to their vectors, by stock PyTorch."""
    if not (FOLDER / "minilm.pt2").exists():
        pytest.skip(f"{FOLDER} is not made (examples/minilm/make_package.py)")
    torch = pytest.importorskip("torch")
    model = torch._inductor.aoti_load_package(str(FOLDER / "minilm.pt2"))

    def encode(path):
        lines = run("--tokens", FOLDER, path).stdout.splitlines()
        rows = [torch.tensor([[int(word) for word in line.split()]]) for line in lines]
        return torch.cat([model(row, torch.ones_like(row)) for row in rows])

    return encode


@pytest.mark.parametrize("query", NEAREST)
def test_nearest(query, stock, tmp_path):
    done = run(FOLDER, SENTENCES, query)
    assert (done.returncode, done.stderr) == (0, "")
    found = re.findall(r"(?m)^ *(-?[0-9.]+)  (.*)$", done.stdout)
    assert len(found) == 5
    assert found[0][1].startswith(NEAREST[query])
    asked = tmp_path / "query.txt"
    asked.write_text(query)
    cosines = (stock(SENTENCES) @ stock(asked)[0]).tolist()
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    expected = sorted(zip(cosines, lines), reverse=True)[:5]
    assert [line for _, line in found] == [line for _, line in expected]
    for (shown, _), (cosine, _) in zip(found, expected):
        assert abs(float(shown) - cosine) < 0.0006  # three decimals


def test_refuses(stock, tmp_path):
    assert run().returncode == 2
    assert "usage:" in run(FOLDER, SENTENCES).stderr
    for arguments, text in [
        ((tmp_path, SENTENCES, "x"), "vocab.txt"),
        ((FOLDER, tmp_path / "none.txt", "x"), "none.txt"),
        ((FOLDER, tmp_path, "x"), str(tmp_path)),
    ]:
        done = run(*arguments)
        assert done.returncode == 1
        assert text in done.stderr


def test_empty_texts(stock, tmp_path):
    empty = tmp_path / "empty.txt"
    empty.write_text("\n\n")
    done = run(FOLDER, empty, "anything")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("\n0 sentences")
    assert run(FOLDER, SENTENCES, "").returncode == 0
