# SPDX-License-Identifier: Apache-2.0
"""minilm's own tokenizer against the reference, Hugging Face's `tokenizers`.

The sentences are those of the example, every character of the ranges that the
tokenizer claims to know, some hard cases, and the prose of this Python's own
documentation strings. Skipped where `tokenizers` is not installed or
build/minilm is not made (examples/minilm/make_package.py; $PT2_MINILM names
another folder).
"""

import importlib
import os
import pathlib
import subprocess
import warnings

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(os.environ.get("PT2_MINILM", ROOT / "build" / "minilm"))
PROGRAM = os.environ.get("PT2_EXAMPLES", str(ROOT / "build/release/examples"))
PROGRAM += "/minilm"
MAX_TOKENS = 256
MODULES = "argparse ast asyncio bisect calendar cmd codecs collections csv datetime"
MODULES += " decimal difflib doctest email enum fractions functools heapq inspect"
MODULES += " ipaddress json logging optparse pathlib pickle random re shlex socket"
MODULES += " statistics string subprocess tarfile textwrap threading turtle typing"

HARD = [
    "a",
    "unaffable! UNAFFABLE?? Unaffable...",
    "Naïve façade, Ångström, Žižek, Łódź, Øresund, İstanbul, ŁÓDŹ, Æsir, Straße",
    "cafe\u0301 re\u0301sume\u0301 a\u0300\u0301 \u0301 alone",
    "don't can't it's 'quoted' \"double\" “curly” ‘single’ — dash – en … dots",
    "e-mail: someone@example.com, http://example.com/a?b=c&d=%20#e",
    "$1,234.56 + 7% = 3^2 ~ `code` | pipe <tag> {brace} [bracket] \\ back",
    "tab\tand\u00a0no-break\u3000wide\u2003em\u200bzero\u00adsoft",
    "control\x01\x02characters\x7f are\x0b dropped\x0c",
    "日本語 and 中文字 between words 漢字kanji",
    "antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "x" * 100,
    "x" * 101,
    "é" * 100 + " " + "é" * 101,
    "word " * 400,
    "!" * 300,
    "emoji 😀 rocket 🚀🚀 flag",
    "½ ² ³ µ ª º € £ ¥ © ® ™ ° ± × ÷ ¬ ¦ ¨ ¯ ´ ¸",
    "Tiếng Việt: người Hà Nội, phở, Đà Nẵng, Ước mơ",
    "    leading and trailing    ",
    "C++ C# F# .NET x86-64 3.14159 1e-9 0xdeadbeef",
    "Mr. O'Neill's co-operative re-entered; \"Why?\" he asked (twice).",
]


def prose() -> list[str]:
    """Paragraphs of documentation strings that look like sentences."""
    lines = []
    for name in MODULES.split():
        module = importlib.import_module(name)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            items = [module, *vars(module).values()]
            texts = [getattr(item, "__doc__", None) for item in items]
        for text in texts:
            if isinstance(text, str):
                lines += [" ".join(p.split()) for p in text.split("\n\n")]
    return sorted({line for line in lines if line.count(" ") >= 4})


def characters() -> list[str]:
    """Each character alone and within a word."""
    ranges = [(0x21, 0x180), (0x1E00, 0x1E9A), (0x1EA0, 0x1EFA), (0x2010, 0x2052)]
    ranges += [(0x20A0, 0x20B0), (0x3001, 0x3004), (0x3008, 0x3012), (0xFF01, 0xFF10)]
    codes = [chr(c) for first, end in ranges for c in range(first, end)]
    return [f"{c} ab{c}cd {c}{c}" for c in codes if c != "\u0085"]


def ours(lines: list[str], path: pathlib.Path) -> list[list[int]]:
    path.write_text("\n".join(lines), encoding="utf-8")
    command = [PROGRAM, "--tokens", str(FOLDER), str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [[int(word) for word in line.split()] for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def reference():
    tokenizers = pytest.importorskip("tokenizers", reason="pip install tokenizers")
    if not (FOLDER / "vocab.txt").exists():
        pytest.skip(f"{FOLDER} is not made (examples/minilm/make_package.py)")
    path = FOLDER / "model" / "tokenizer.json"
    tokenizer = tokenizers.Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


@pytest.mark.parametrize("kind", ["demo", "hard", "characters", "prose"])
def test_ids(kind, reference, tmp_path):
    demo = ROOT / "examples" / "minilm" / "sentences.txt"
    lines = {
        "demo": lambda: demo.read_text(encoding="utf-8").splitlines(),
        "hard": lambda: HARD,
        "characters": characters,
        "prose": prose,
    }[kind]()
    assert len(lines) >= 20
    got = ours(lines, tmp_path / "lines.txt")
    assert len(got) == len(lines)
    for line, ids in zip(lines, got):
        assert ids == reference.encode(line).ids, line
