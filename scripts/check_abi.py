#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is the library still what programs of earlier days were linked to?

    check_abi.py [BUILD]             compares; build/release unless given
    check_abi.py --record [BUILD]    takes new names into abi/libpt2.symbols
    check_abi.py --record-headers NAME
                                     keeps the public headers, without comments,
                                     as abi/headers/NAME.h: once a release

Names and their versions must be those of abi/libpt2.symbols. Every declaration
of abi/headers/*.h must stand in the public headers as it was; only structs that
begin with struct_bytes, enums and macros may have grown.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SYMBOLS = ROOT / "abi" / "libpt2.symbols"
HEADERS = ROOT / "abi" / "headers"


# ---- Names -------------------------------------------------------------------

def exported(library):
    """{name: node} of what |library| defines under pt2_."""
    listed = subprocess.run(["nm", "-D", "--defined-only", library],
                            capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r" (pt2_[a-z0-9_]+)@@(\S+)$", listed, re.M))


def recorded():
    return dict(re.findall(r"^ (pt2_[a-z0-9_]+)@(\S+) ",
                           SYMBOLS.read_text(), re.M))


def compare_names(library):
    have, want = exported(library), recorded()
    for name, node in sorted(want.items()):
        if name not in have:
            yield f"{name} has disappeared: programs that call it do not start"
        elif have[name] != node:
            yield f"{name} has version {have[name]}, programs ask for {node}"
    for name in sorted(set(have) - set(want)):
        yield (f"{name} is not in abi/libpt2.symbols: scripts/check_abi.py "
               "--record takes it in")


def record(library):
    have, want = exported(library), recorded()
    new = sorted(set(have) - set(want))
    release = version()
    head = [line for line in SYMBOLS.read_text().splitlines()
            if not line.startswith(" pt2_")]
    for node in sorted({have[name] for name in new}):
        first = re.search(rf"^ {node}@{node} (\S+)$", "\n".join(head), re.M)
        if first and first[1] != release:
            sys.exit(f"{node} is out since {first[1]}: new names want a new "
                     f"minor version, not {release}")
        if not any(line.startswith(f" {node}@") for line in head):
            head.append(f" {node}@{node} {release}")
    lines = [line for line in SYMBOLS.read_text().splitlines()
             if line.startswith(" pt2_")]
    lines += [f" {name}@{have[name]} {release}" for name in new]
    SYMBOLS.write_text("\n".join(head + sorted(lines)) + "\n")
    print(f"{len(new)} new names")


# ---- Declarations ------------------------------------------------------------

def version():
    text = (ROOT / "include/pt2/pt2.h").read_text()
    return ".".join(re.findall(
        r"^#define PT2_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)$", text, re.M))


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def flat(path="pt2/pt2.h", seen=None):
    """The public headers in one text, each once, without comments."""
    seen = set() if seen is None else seen
    if path in seen:
        return ""
    seen.add(path)
    text = without_comments((ROOT / "include" / path).read_text())
    text = re.sub(r'#include "([^"]+)"', lambda m: flat(m[1], seen), text)
    return re.sub(r"[ \t]+$", "", text, flags=re.M)


def declarations(text):
    """{key: declaration}: functions, types and macros, blanks made equal."""
    text = re.sub(r"\\\n", " ", without_comments(text))
    found = {}
    for line in re.findall(r"^#define (PT2_.*)$", text, re.M):
        name = re.match(r"\w+", line)[0]
        if not re.match(r"PT2_VERSION_|PT2_\w+_H_$", name):
            found[f"#define {name}"] = " ".join(line.split())
    text = re.sub(r"^#.*$", "", text, flags=re.M)
    text = text.replace('extern "C" {', "")
    depth, start = 0, 0
    for i, c in enumerate(text):
        depth += (c == "{") - (c == "}")
        if depth < 0:  # the end of extern "C"
            depth, start = 0, i + 1
        # Functions in a header end with their body.
        if depth == 0 and (c == ";" or c == "}" and "static inline" in
                           text[start:i]):
            declaration = " ".join(text[start:i].split())
            start = i + 1
            if not declaration or re.fullmatch(r"struct \w+", declaration):
                continue
            key = key_of(declaration)
            if found.get(key, declaration) != declaration:
                sys.exit(f"two declarations of {key}:\n  {found[key]}\n  "
                         f"{declaration}")
            found[key] = declaration
    return found


def key_of(declaration):
    """The struct's or function's name; an enum without one is known by its
    first value."""
    if declaration.startswith(("enum", "typedef enum")):
        return "enum " + re.search(r"\{ *(\w+)", declaration)[1]
    struct = re.match(r"(?:typedef )?struct (\w+) \{", declaration)
    if struct:
        return f"struct {struct[1]}"
    pointer = re.match(r"typedef [^(]*\(\*(\w+)\)", declaration)
    if pointer:
        return f"typedef {pointer[1]}"
    function = re.search(r"\b(pt2_\w+) ?\(", declaration)
    return function[1] if function else declaration


def body(declaration):
    return declaration[declaration.index("{") + 1:declaration.rindex("}")]


def values(declaration):
    """{name: value} of an enum, the value as it is written; one without is
    known by its place."""
    items = filter(None, (i.strip() for i in body(declaration).split(",")))
    known = {}
    for place, item in enumerate(items):
        name, _, given = (part.strip() for part in item.partition("="))
        known[name] = given or f"place {place}"
    return known


def grown(key, old, new):
    """Whether |new| may stand where programs know |old|."""
    if old == new:
        return True
    if key.startswith("enum "):
        return values(old).items() <= values(new).items()
    if key.startswith("struct "):
        old_fields, new_fields = body(old), body(new)
        return (old_fields.split()[:2] == ["size_t", "struct_bytes;"] and
                new_fields.startswith(old_fields.rstrip()))
    return False


def compare_headers(snapshot):
    today = declarations(flat())
    known = declarations(snapshot.read_text())
    if len(known) < 100:
        yield f"{snapshot.name}: only {len(known)} declarations were found"
    for key, old in known.items():
        if key not in today:
            yield f"{snapshot.name}: {key} is gone"
        elif not grown(key, old, today[key]):
            yield (f"{snapshot.name}: {key} was\n  {old}\nand is\n  "
                   f"{today[key]}")


def record_headers(name):
    HEADERS.mkdir(exist_ok=True)
    text = re.sub(r"\n{2,}", "\n", flat()).strip()
    node = "PT2_" + ".".join(version().split(".")[:2])
    (HEADERS / f"{name}.h").write_text(
        "// SPDX-License-Identifier: Apache-2.0\n"
        "// clang-format off\n"
        f"// The public headers of {name}, without comments: kept by\n"
        "// scripts/check_abi.py, never edited. Symbol version: " +
        f"{node}\n{text}\n")


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    if "--record-headers" in sys.argv:
        return record_headers(arguments[0])
    build = pathlib.Path(arguments[0] if arguments else ROOT / "build/release")
    library = build / "libpt2.so"
    if "--record" in sys.argv:
        return record(library)
    problems = list(compare_names(library))
    snapshots = sorted(HEADERS.glob("*.h"))
    if not snapshots:
        problems.append("abi/headers holds nothing")
    for snapshot in snapshots:
        problems += compare_headers(snapshot)
    if problems:
        sys.exit("\n".join(problems))
    print(f"abi: {len(recorded())} names, {len(snapshots)} earlier headers")


if __name__ == "__main__":
    main()
