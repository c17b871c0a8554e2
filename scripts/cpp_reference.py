#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reference of the C++ header, include/pt2/pt2.hpp, as one Markdown page.

The header is its own manual, but most of its lines are bodies of functions.
The page shows it without them, without what is private, and without namespace
detail: declarations and their comments, a heading for each section and class.
"""
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADER = ROOT / "include" / "pt2" / "pt2.hpp"
SECTION = re.compile(r"^// -{4} (.*?) -+$", re.M)


def blank_comments(text):
    """|text| with comments and literals blanked, character for character."""
    return re.sub(r'//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
                  lambda m: " " * len(m.group()), text)


def closing(code, at):
    """The place of the brace that closes the one at |at|."""
    depth = 0
    for place in range(at, len(code)):
        depth += {"{": 1, "}": -1}.get(code[place], 0)
        if depth == 0:
            return place
    raise ValueError(f"a brace without an end: {code[at:at + 60]!r}")


def head_of(code, at):
    """The declaration that a brace at |at| belongs to."""
    start = at
    depth = 0
    while start > 0:
        previous = code[start - 1]
        depth += {")": 1, "(": -1}.get(previous, 0)
        if depth <= 0 and previous in ";{}" or \
                (previous == ":" and re.search(r"\b(public|private|protected):$",
                                               code[:start])):
            break
        start -= 1
    return start, code[start:at]


def is_function(head):
    words = head.strip()
    return "(" in words and not re.match(
        r"(?:template\s*<.*?>\s*)?(?:class|struct|enum|union|namespace|extern)\b",
        words, re.S) and not words.endswith("=")


def initializers(head):
    """Where the list of a constructor's initializers begins in |head|."""
    depth = 0
    for place, character in enumerate(head):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == ":" and depth == 0 and \
                head[place - 1:place + 2].count(":") == 1 and \
                ")" in head[:place]:
            return place
    return None


def without_bodies(text):
    out, at = [], 0
    code = blank_comments(text)
    parentheses = 0
    place = 0
    while place < len(code):
        character = code[place]
        parentheses += {"(": 1, ")": -1}.get(character, 0)
        if character == "{" and parentheses == 0:
            start, head = head_of(code, place)
            if is_function(head):
                cut = initializers(head)
                end = place if cut is None else start + cut
                out.append(text[at:max(end, at)].rstrip() + ";")
                place = at = closing(code, place) + 1
                continue
        place += 1
    out.append(text[at:])
    return "".join(out)


def without_blocks(text, opening):
    """|text| without what |opening| begins: a namespace and its comment."""
    while True:
        code = blank_comments(text)
        found = re.search(opening, code)
        if not found:
            return text
        end = closing(code, code.index("{", found.start())) + 1
        line = text.find("\n", end)
        text = text[:found.start()] + text[line + 1 if line >= 0 else end:]


def without_private(text):
    """Classes end where their private part begins; public parts behind it are
    kept."""
    return re.sub(r"\n (?:private|protected):\n(?:(?!\n (?:public):\n|\n\};).)*",
                  "", text, flags=re.S).replace("\n\n};", "\n};")


def paragraphs(text):
    """Declarations of one section, split at blank lines outside of braces."""
    parts, current, depth = [], [], 0
    for line in text.split("\n"):
        depth += blank_comments(line).count("{") - blank_comments(line).count("}")
        if line.strip() or depth:
            current.append(line)
        elif current:
            parts.append("\n".join(current))
            current = []
    return parts + (["\n".join(current)] if current else [])


def declarations(text):
    """What a reader of the section needs, as paragraphs."""
    kept = []
    for part in paragraphs(text):
        code = blank_comments(part)
        defined = re.search(r"^(?:inline\s+)?[\w:<>*&\s]*?\b\w+::~?\w+\(", code)
        if defined and "::" in code.split("(")[0].split()[-1]:
            continue  # the body of a member that is declared in its class
        if not code.strip():
            continue
        kept.append(part)
    return kept


def introduction(lines):
    """The header's first comment as Markdown; paragraphs that are indented by
    two are code."""
    out = []
    for paragraph in "\n".join(lines).strip("\n").split("\n\n"):
        inside = paragraph.split("\n")
        if all(line.startswith("  ") for line in inside):
            if out[-2:] == ["```", ""]:
                out[-2:] = [""]
            else:
                out.append("```cpp")
            out += [line[2:] for line in inside] + ["```", ""]
            continue
        for line in inside:
            if line.startswith(" - ") and out and not out[-1].startswith("    ") \
                    and not out[-1].startswith("- "):
                out.append("")
            item = line.startswith("   ")
            out.append("    " * item + escape(line.strip()))
        out.append("")
    return out[:-1]


def escape(line):
    return re.sub(r"([*_<`])", r"\\\1", line)


def markdown(text):
    intro = re.match(r"(?://[^\n]*\n)*", text).group()
    body = text[text.index("namespace pt2 {") + len("namespace pt2 {"):
                text.rindex("}  // namespace pt2")]
    body = without_blocks(body, r"namespace detail \{")
    body = without_private(without_bodies(body))
    lines = [line[2:].removeprefix(" ") for line in intro.split("\n")
             if "SPDX" not in line]
    out = ["# pt2/pt2.hpp", "", *introduction(lines), ""]
    pieces = SECTION.split("\n" + body)
    for title, section in zip(pieces[1::2], pieces[2::2]):
        out += [f"## {title}", ""]
        for part in declarations(section):
            name = re.search(r"^(?:class|struct|enum class) (\w+)\b",
                             blank_comments(part), re.M)
            if name and f'id="{name.group(1)}"' not in "".join(out):
                out += [f"### `{name.group(1)}` {{: #{name.group(1).lower()} }}",
                        ""]
            out += ["```cpp", part, "```", ""]
    return "\n".join(out)
