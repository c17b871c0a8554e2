#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the documentation as a site, strictly, and looks into what came out.
Needs MkDocs in the Python that runs it."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import api_reference
import cpp_reference


def problems(site):
    for page in ("index", "api", "contributing", "adr/index"):
        if not (site / f"{page}.html").exists():
            yield f"there is no page {page}"
    for header in api_reference.read_headers():
        path = site / "api" / f"{header.name}.html"
        text = path.read_text() if path.exists() else ""
        ids = set(re.findall(r'id="([^"]+)"', text))
        for group in header.groups:
            for name in group.names:
                if name.lower() not in ids:
                    yield f"pt2/{header.name}.h: {name} is not in the site"
    if cpp_reference.HEADER.exists() and \
            not (site / "api" / "cpp.html").exists():
        yield "there is no page of the C++ header"
    for decision in (ROOT / "docs/adr").glob("[0-9]*.md"):
        listed = (site / "adr/index.html").read_text()
        if f'href="{decision.stem}.html"' not in listed:
            yield f"{decision.name} is not in the list of decisions"
    for page in site.rglob("*.html"):
        # Scripts, styles and fonts that a reader's browser would fetch.
        for tag in re.findall(r"<(?:script|link|img)\b[^>]*>",
                              page.read_text()):
            if re.search(r'(?:src|href)="?https?:', tag):
                yield f"{page.name} loads from elsewhere: {tag}"
    if 'href="api/runner.html#' not in (site / "serving.html").read_text():
        yield "names in serving.html do not lead to the reference"


def main():
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict",
             "--site-dir", folder], cwd=ROOT, capture_output=True, text=True,
            env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
        print(done.stdout + done.stderr, end="")
        found = list(problems(pathlib.Path(folder))) if done.returncode == 0 \
            else ["mkdocs build --strict failed"]
    print("\n".join(found))
    print(f"{0 if found else 1} passed, {len(found)} failed, 0 skipped")
    return 1 if found else 0


sys.exit(main())
