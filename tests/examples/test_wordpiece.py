# SPDX-License-Identifier: Apache-2.0
"""minilm's own tokenizer against the reference, Hugging Face's `tokenizers`.

usage: test_wordpiece.py MINILM_PROGRAM FOLDER

FOLDER is what examples/minilm/make_package.py made. The sentences are those of
the example, every character of the ranges that the tokenizer claims to know,
some hard cases, and the prose of this Python's own documentation strings. Exits
with 77 (skipped) if the reference or the model's files are not there.
"""

import importlib
import importlib.util
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
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
    """Lines of documentation strings that look like sentences."""
    lines = []
    for name in MODULES.split():
        module = importlib.import_module(name)
        for item in [module, *vars(module).values()]:
            text = getattr(item, "__doc__", None)
            if isinstance(text, str):
                lines += [" ".join(p.split()) for p in text.split("\n\n")]
    return sorted({line for line in lines if line.count(" ") >= 4})


def characters() -> list[str]:
    """Each character alone and within a word."""
    ranges = [(0x21, 0x180), (0x1E00, 0x1E9A), (0x1EA0, 0x1EFA), (0x2010, 0x2052)]
    ranges += [(0x20A0, 0x20B0), (0x3001, 0x3004), (0x3008, 0x3012), (0xFF01, 0xFF10)]
    codes = [chr(c) for first, end in ranges for c in range(first, end)]
    return [f"{c} ab{c}cd {c}{c}" for c in codes if c != "\u0085"]


def ours(program: str, folder: pathlib.Path, lines: list[str]) -> list[list[int]]:
    with tempfile.NamedTemporaryFile("wb", suffix=".txt") as file:
        file.write("\n".join(lines).encode())
        file.flush()
        output = subprocess.run(
            [program, "--tokens", str(folder), file.name],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    return [[int(word) for word in line.split()] for line in output.splitlines()]


def main(program: str, folder: pathlib.Path) -> int:
    if not importlib.util.find_spec("tokenizers"):
        print("skipped: no tokenizers in this Python (pip install tokenizers)")
        return 77
    if not (folder / "vocab.txt").exists():
        print(f"skipped: {folder} has no vocab.txt (examples/minilm/make_package.py)")
        return 77
    from tokenizers import Tokenizer

    reference = Tokenizer.from_file(str(folder / "model" / "tokenizer.json"))
    reference.no_padding()
    reference.enable_truncation(MAX_TOKENS)
    demo = (ROOT / "examples" / "minilm" / "sentences.txt").read_text(encoding="utf-8")
    lines = demo.splitlines() + HARD + characters() + prose()
    got = ours(program, folder, lines)
    if len(got) != len(lines):
        print(f"{len(lines)} lines in, {len(got)} out")
        return 1
    wrong = 0
    for line, ids in zip(lines, got):
        expected = reference.encode(line).ids
        if ids != expected:
            wrong += 1
            if wrong <= 10:
                print(f"{line!r}\n  ours     {ids}\n  expected {expected}")
    print(f"{len(lines) - wrong} of {len(lines)} lines have the reference's ids")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2])))
