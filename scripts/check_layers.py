#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fails if a file below src/ includes a layer that layers.toml does not allow."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def read_layers():
    """A reader for the two forms of line that layers.toml has: Debian 12's
    python3 has tomllib, older ones do not."""
    layers = {}
    for line in (ROOT / "layers.toml").read_text().splitlines():
        found = re.fullmatch(r'"?([\w/]+)"?\s*=\s*\[(.*)\]', line.strip())
        if found:
            layers[found.group(1)] = re.findall(r'"([^"]+)"', found.group(2))
    return layers


def layer_of(path, layers):
    inside = [name for name in layers if path.startswith(name + "/")]
    return max(inside, key=len) if inside else None


def main():
    layers = read_layers()
    bad = []
    files = [p for p in (ROOT / "src").rglob("*")
             if p.suffix in (".c", ".h", ".cpp", ".inc", ".def", ".m")]
    for path in files:
        name = path.relative_to(ROOT / "src").as_posix()
        layer = layer_of(name, layers)
        if layer is None:
            bad.append(f"src/{name}: in no layer of layers.toml")
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            target = layer_of(found.group(1), layers) if found else None
            if target and target != layer and target not in layers[layer]:
                bad.append(f"src/{name}:{number}: {layer} may not include "
                           f"{target} ({found.group(1)})")
    print("\n".join(bad) if bad else f"layers: {len(files)} files, none "
          "includes what it may not")
    return 1 if bad else 0


sys.exit(main())
