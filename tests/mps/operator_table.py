#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where each operator of PyTorch's c_shim_mps.h runs, by the sources:

    operator_table.py            prints it
    operator_table.py --write    puts it into docs/mac.md
    operator_table.py --check    fails unless docs/mac.md says the same

An operator is the device's if shim.c binds it among those with kernels; the
host's if the cpu's back end defines it, or shim.c says that it is the cpu's.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MPS = ROOT / "src/backends/mps"
DOCS = ROOT / "docs/mac.md"
BEGIN = "<!-- operators: tests/mps/operator_table.py --write -->"
END = "<!-- end of operators -->"


def defined(files, device):
    """{operator: file} of the functions that are defined in |files|."""
    found = {}
    for path in files:
        for name in re.findall(
                rf"^AOTITorchError\s+aoti_torch_{device}_(\w+)\s*\(",
                path.read_text(), re.M):
            found[name] = path
    return found


def operators():
    """Those of the generated header: the rest of the device's functions are
    of shader libraries and memory."""
    return sorted(
        columns[1].removeprefix("aoti_torch_mps_")
        for columns in (line.split("\t") for line in
                        (ROOT / "abi/symbols.tsv").read_text().splitlines())
        if len(columns) > 1 and columns[1].startswith("aoti_torch_mps_") and
        "c_shim_mps" in columns[0])


def table():
    text = (MPS / "shim.c").read_text()
    ours, laid_out = (
        set(re.findall(r"SYMBOL\(aoti_torch_mps_(\w+)\)", part))
        for part in text.split("// The cpu's, with results laid out"))
    cpu = defined((ROOT / "src/backends/cpu").rglob("*.c"), "cpu")
    groups = {"Metal": [], "host, laid out again": [], "host": [],
              "refused": []}
    for name in operators():
        if name in ours:
            groups["Metal"].append(name)
        elif name in laid_out:
            groups["host, laid out again"].append(name)
        else:
            groups["host" if name in cpu else "refused"].append(name)
    return "\n\n".join(
        f"**{where}** ({len(names)}): " + ", ".join(f"`{n}`" for n in names)
        for where, names in groups.items() if names)


def main():
    made = table()
    if sys.argv[1:] not in (["--write"], ["--check"]):
        print(made)
        return 0
    text = DOCS.read_text()
    begin, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    wanted = f"{text[:begin]}\n{made}\n{text[end:]}"
    if sys.argv[1] == "--write":
        DOCS.write_text(wanted)
        return 0
    if text != wanted:
        print("docs/mac.md is not what the sources say: run "
              "tests/mps/operator_table.py --write")
    return 0 if text == wanted else 1


sys.exit(main())
