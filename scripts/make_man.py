#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the man page docs/man/pt2.1 from the tool's manual, docs/pt2.md.

    make_man.py [--check]

--check only says whether the page is up to date.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCE = ROOT / "docs" / "pt2.md"
PAGE = ROOT / "docs" / "man" / "pt2.1"
NAME = "inspects, checks, runs and measures PyTorch AOTInductor packages"


def escape(text, code=False):
    """|text| as roff takes it; everything beyond ASCII becomes an escape."""
    text = text.replace("\\", "\\e").replace("'", "\\(aq").replace("`", "\\`")
    if code:
        text = text.replace("-", "\\-")
    return re.sub(r"[^\x00-\x7f]", lambda m: f"\\[u{ord(m[0]):04X}]", text)


def inline(text):
    """Code and strong words in bold, links as their text and address."""
    parts = []
    for piece in re.split(r"(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)]+\))", text):
        if len(piece) > 2 and piece[0] == "`":
            parts.append(f"\\fB{escape(piece[1:-1], code=True)}\\fR")
        elif piece.startswith("**"):
            parts.append(f"\\fB{escape(piece[2:-2])}\\fR")
        elif piece.startswith("["):
            label, address = re.fullmatch(r"\[(.*)\]\((.*)\)", piece).groups()
            parts.append(escape(f"{label} ({address})"))
        else:
            # An option is an option without backquotes too.
            parts.append(re.sub(r"--?(?=[a-z])", lambda m: m[0].replace(
                "-", "\\-"), escape(piece)))
    return guard("".join(parts))


def guard(line):
    """A line of text that begins as a request does is none."""
    return "\\&" + line if line[:1] in (".", "'") else line


def cells(row):
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def table(rows):
    """Two columns are a list of terms, more are a table of tbl."""
    head, body = cells(rows[0]), [cells(row) for row in rows[2:]]
    if len(head) == 2:
        for term, text in body:
            yield ".TP"
            yield inline(term)
            yield inline(text)
        return
    yield ".TS"
    yield "allbox;"
    # The last column takes what is left of the line.
    yield " ".join(["lb"] * len(head))
    yield " ".join(["l"] * (len(head) - 1) + ["lx."])
    for row in [head, *body]:
        yield "\t".join(["T{\n" + inline(cell) + "\nT}" for cell in row])
    yield ".TE"


def blocks(text):
    """The paragraphs of the manual: a list of lines each, as they stand. A
    fenced block loses its fences and is indented."""
    current, fenced = [], False
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
            if current:
                yield current
            current = []
        elif fenced:
            current.append("    " + line)
        elif line.strip():
            if line.startswith("#") or line.startswith("- "):
                if current:
                    yield current
                current = []
            current.append(line)
            if line.startswith("#"):
                yield current
                current = []
        elif current:
            yield current
            current = []
    if current:
        yield current


def convert(block):
    """The roff lines of one block."""
    first = block[0]
    if first.startswith("#"):
        level, title = first.split(" ", 1)
        yield f".{'SH' if len(level) <= 2 else 'SS'} {escape(title.replace('`', ''), code=True)}"
    elif first.startswith("    "):
        yield ".PP"
        yield ".nf"
        for line in block:
            yield guard(escape(line[4:], code=True))
        yield ".fi"
    elif first.startswith("|"):
        yield from table(block)
        yield ".PP"
    elif first.startswith("- "):
        yield ".IP \\(bu 2"
        yield inline(" ".join([first[2:], *(line.strip() for line in block[1:])]))
    else:
        yield ".PP"
        yield inline(" ".join(line.strip() for line in block))


def page():
    text = SOURCE.read_text()
    listed = list(blocks(text))
    if not listed[0][0].startswith("# ") or not listed[2][0].startswith("    "):
        sys.exit(f"{SOURCE}: must begin with a title, a sentence and a synopsis")
    lines = ["'\\\" t", ".\\\" Made by scripts/make_man.py from docs/pt2.md.",
             '.TH PT2 1 "" "pt2" "User Commands"', ".SH NAME",
             f"pt2 \\- {NAME}", ".SH SYNOPSIS", *convert(listed[2]),
             ".SH DESCRIPTION", *convert(listed[1])]
    for block in listed[3:]:
        lines += convert(block)
    return "\n".join(lines) + "\n"


def main():
    made = page()
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text() != made:
            sys.exit("docs/man/pt2.1 is not what scripts/make_man.py makes of "
                     "docs/pt2.md: run it")
        return
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(made)


main()
