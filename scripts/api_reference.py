#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The API reference: Markdown pages from the public headers, include/pt2/*.h.

    api_reference.py FOLDER    writes api/NAME.md for each header into FOLDER
    api_reference.py --check   names declarations without a comment; fails if
                               there are any

The headers are the manual; this only sets it. What it relies on is how they are
written: a comment stands right above what it is about (one declaration or a few
without a blank line between them), `|name|` is a parameter, and the parts
"Ownership:", "Errors:", "Threads:" … begin a line. `// ---- Title ---` begins a
section.
"""
import dataclasses
import os
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADERS = ROOT / "include" / "pt2"

LABELS = ("Ownership", "Errors", "Threads", "Cost", "Limits")
SECTION = re.compile(r"// -{4} (.*?) -+$")
NAME = re.compile(r"\b(?:pt2|PT2)_\w+")


@dataclasses.dataclass
class Declaration:
    kind: str  # function, type, enum, macro
    text: str
    names: list
    comment_beside: bool = False  # "struct X;  // what it is"


@dataclasses.dataclass
class Group:
    """Declarations that share a comment."""
    comment: list
    declarations: list
    section: str

    @property
    def names(self):
        return [name for d in self.declarations for name in d.names]


@dataclasses.dataclass
class Header:
    name: str  # "package"
    intro: list
    groups: list


# ---- Reading ----------------------------------------------------------------

def without_guards(lines):
    """The lines between the include guard and its end, without the halves of
    extern "C"."""
    kept = []
    in_extern = False
    for line in lines:
        if line.startswith("#if defined(__cplusplus)"):
            in_extern = True
        elif in_extern:
            in_extern = not line.startswith("#endif")
        elif line.startswith("#include"):
            continue
        elif re.match(r"#(ifndef|define) PT2_\w+_H_$", line) or \
                re.match(r"#endif  // PT2_\w+_H_", line):
            continue
        else:
            kept.append(line)
    return kept


def classify(text):
    code = re.sub(r"//[^\n]*", "", text)
    first = code.strip().split("\n")[0]
    beside = "//" in text.strip().split("\n")[0]
    if first.startswith("#"):
        return Declaration("macro", text, list(dict.fromkeys(
            re.findall(r"#define (PT2_\w+)", code))))
    if re.match(r"enum\b", first):
        return Declaration("enum", text, re.findall(
            r"^\s*(PT2_\w+)", code.split("{", 1)[1], re.M))
    pointer = re.search(r"\(\*(\w+)\)\s*\(", code)
    if first.startswith("typedef") and pointer and "{" not in code:
        return Declaration("type", text, [pointer.group(1)])
    if first.startswith("typedef"):
        name = re.search(r"(\w+)\s*;\s*$", code.strip()).group(1)
        return Declaration("type", text, [name], beside)
    forward = re.match(r"struct (\w+)\s*;", first)
    if forward:
        return Declaration("type", text, [forward.group(1)], beside)
    name = re.search(r"\b(pt2_\w+)\s*\(", code)
    if not name:
        raise ValueError(f"no declaration that is known: {text!r}")
    return Declaration("function", text, [name.group(1)])


def take_declaration(lines, at):
    """The declaration that begins at line |at|, and the line after it."""
    if lines[at].startswith("#if"):
        end = at
        while not lines[end].startswith("#endif"):
            end += 1
        return "\n".join(lines[at:end + 1]), end + 1
    if lines[at].startswith("#define"):
        end = at
        while lines[end].endswith("\\"):
            end += 1
        return "\n".join(lines[at:end + 1]), end + 1
    depth = 0
    for end in range(at, len(lines)):
        code = re.sub(r"//.*", "", lines[end])
        depth += code.count("{") - code.count("}")
        code = code.rstrip()
        if depth == 0 and (code.endswith(";") or code.endswith("}")):
            return "\n".join(lines[at:end + 1]), end + 1
    raise ValueError(f"a declaration without an end: {lines[at]!r}")


def read_header(path):
    lines = path.read_text().split("\n")
    at = 1 if lines[0].startswith("// SPDX") else 0
    intro = []
    while lines[at].startswith("//"):
        intro.append(lines[at][2:])
        at += 1
    lines = without_guards(lines[at:])
    header = Header(path.stem, intro, [])
    section, comment, group = "", [], None
    at = 0
    while at < len(lines):
        line = lines[at]
        title = SECTION.match(line)
        if title:
            section, comment, group = title.group(1), [], None
            at += 1
        elif line.startswith("//"):
            if group is not None:
                comment, group = [], None
            comment.append(line[2:])
            at += 1
        elif not line.strip():
            # What follows a blank line is not what the comment is about.
            comment, group = [], None
            at += 1
        else:
            text, at = take_declaration(lines, at)
            if group is None:
                group = Group(comment, [], section)
                header.groups.append(group)
            group.declarations.append(classify(text))
    return header


def read_headers():
    return [read_header(path) for path in sorted(HEADERS.glob("*.h"))]


def undocumented(headers):
    """(header, name) of every declaration that has no comment."""
    return [(header.name, name)
            for header in headers for group in header.groups
            for declaration in group.declarations
            if not "".join(group.comment).strip()
            and not declaration.comment_beside
            for name in declaration.names]


# ---- Writing ----------------------------------------------------------------

class Index:
    """Where each public name is described."""

    def __init__(self, headers):
        self.places = {}
        for header in headers:
            for group in header.groups:
                for name in group.names:
                    self.places[name] = (header.name, group.names[0])

    def link(self, name, prefix):
        """`name`, as a link if it is described; |prefix| leads to api/."""
        place = self.places.get(name)
        if place is None:
            return f"`{name}`"
        return f"[`{name}`]({prefix}{place[0]}.md#{place[1].lower()})"


def inline(text, index):
    """A line of a comment as Markdown."""
    parts = []
    at = 0
    token = re.compile(r"\|([^|\n]+)\||\b((?:pt2|PT2)_\w+)(\*?)(\(\))?")
    for match in token.finditer(text):
        parts.append(escape(text[at:match.start()]))
        if match.group(1):
            parts.append(f"`{match.group(1)}`")
        else:
            parts.append(index.link(match.group(2), "") + escape(match.group(3)))
        at = match.end()
    parts.append(escape(text[at:]))
    return "".join(parts)


def escape(text):
    for character in "\\`*<":
        text = text.replace(character,
                            "&lt;" if character == "<" else "\\" + character)
    return text


def labelled(lines, index):
    """ "Errors: …" and the like, as one item of a list."""
    label, first = lines[0].strip().split(":", 1)
    column = len(lines[0]) - len(lines[0].split(":", 1)[1].lstrip()) \
        if first.strip() else len(label) + 2
    body = [first.strip()] + [line[column:] if not line[:column].strip()
                              else line.strip() for line in lines[1:]]
    entries, free, after = [], [], []
    for line in body:
        status = re.match(r"([A-Z][A-Z_]+(?:, [A-Z_]+)*)(?:\s{2,}(.*))?$", line)
        if status:
            entries.append([status.group(1), status.group(2) or ""])
        elif entries and line.startswith(" "):
            entries[-1][1] += " " + line.strip()
        elif line.strip():
            (after if entries else free).append(line.strip())
    out = [f"- **{label}:** {inline(' '.join(free), index)}".rstrip()]
    out += [f"    - `{name}`: {inline(text, index)}".removesuffix(": ")
            for name, text in entries]
    if after:
        out.append(f"    - {inline(' '.join(after), index)}")
    return out


def comment_markdown(comment, index):
    lines = [line[1:] if line.startswith(" ") else line for line in comment]
    out, items = [], []
    at = 0
    while at < len(lines):
        if re.match(rf"({'|'.join(LABELS)}):", lines[at]):
            end = at + 1
            while end < len(lines) and lines[end].strip() and \
                    not re.match(rf"({'|'.join(LABELS)}):", lines[end]):
                end += 1
            items += labelled(lines[at:end], index)
            at = end
        else:
            if items and lines[at].strip():
                out += ["", *items, ""]
                items = []
            out.append(inline(lines[at], index))
            at += 1
    if items:
        out += ["", *items]
    return "\n".join(out).strip()


def prototype(text):
    """A function's declaration without the macros, set anew."""
    text = text.split("{")[0] if text.startswith("static inline") else text
    text = re.sub(r"//[^\n]*", "", text)
    text = re.sub(r"\b(PT2_API|PT2_MUST_USE|static inline)\b", "", text)
    text = re.sub(r"PT2_PRINTF\([^)]*\)", "", text)
    text = " ".join(text.split()).rstrip(" ;") + ";"
    if len(text) <= 76 or "(" not in text:
        return text
    head, rest = text.split("(", 1)
    arguments = rest[:rest.rindex(")")]
    return head + "(\n    " + arguments.replace(", ", ",\n    ") + ");"


def title(group):
    """What the heading says: the names, or of many the type or what they have
    in common."""
    types = [d.names[0] for d in group.declarations if d.kind == "type"]
    enums = [d for d in group.declarations if d.kind == "enum"]
    names = group.names
    if types and enums:
        names = types
    elif enums and len(names) > 3:
        common = os.path.commonprefix(group.declarations[0].names)
        others = [n for n in names if not n.startswith(common)]
        names = [common[:common.rindex("_") + 1] + "…", *others]
    elif len(names) > 4:
        names = [*names[:3], "…"]
    return ", ".join(f"`{name}`" for name in names)


def group_markdown(group, index):
    first = group.names[0]
    rest = [f'<a id="{name.lower()}"></a>' for name in group.names[1:]]
    level = "###" if group.section else "##"
    code = "\n".join(prototype(d.text) if d.kind == "function" else d.text
                     for d in group.declarations)
    return "\n".join([
        f"{level} {title(group)} {{: #{first.lower()} }}", "",
        *(["".join(rest), ""] if rest else []),
        "```c", code, "```", "", comment_markdown(group.comment, index), ""])


def page(header, index):
    out = [f"# pt2/{header.name}.h", "",
           comment_markdown(header.intro, index).strip(), ""]
    section = ""
    for group in header.groups:
        if group.section != section:
            section = group.section
            out += [f"## {section}", ""]
        out.append(group_markdown(group, index))
    return "\n".join(out)


def pages():
    """{"status": Markdown, …}"""
    headers = read_headers()
    index = Index(headers)
    return {header.name: page(header, index) for header in headers}


def main():
    if sys.argv[1:] == ["--check"]:
        missing = undocumented(read_headers())
        for header, name in missing:
            print(f"include/pt2/{header}.h: {name} has no comment")
        return 1 if missing else 0
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        print(__doc__)
        return 2
    folder = pathlib.Path(sys.argv[1]) / "api"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / f"{name}.md").write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
