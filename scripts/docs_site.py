# SPDX-License-Identifier: Apache-2.0
"""MkDocs' hook: what the site has beyond the files in docs/.

- The API reference, a page for each public header (api_reference.py,
  cpp_reference.py).
- CONTRIBUTING.md, which lies at the root of the tree.
- Pages that the navigation does not name, at the end of the guides.
- The list of decisions; every public name in `code` leads to its description.
"""
import pathlib
import re
import sys

from mkdocs.structure.files import File

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
import api_reference
import cpp_reference

# Pages of the navigation that a tree may lack.
OPTIONAL = ("python.md", "porting-cpp.md")


def decisions():
    return sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))


def title_of(path):
    return path.read_text().split("\n", 1)[0].lstrip("# ")


def present(items):
    """|items| of the navigation without pages that are not there."""
    kept = []
    for item in items:
        if isinstance(item, dict):
            name, value = next(iter(item.items()))
            if isinstance(value, list):
                item = {name: present(value)}
            elif value in OPTIONAL and not (ROOT / "docs" / value).exists():
                continue
        kept.append(item)
    return kept


def pages_of(items):
    for item in items:
        value = next(iter(item.values())) if isinstance(item, dict) else item
        yield from pages_of(value) if isinstance(value, list) else [value]


def on_config(config):
    config.nav = present(config.nav)
    named = set(pages_of(config.nav))
    others = [path.name for path in sorted((ROOT / "docs").glob("*.md"))
              if path.name not in named]
    for item in config.nav:
        if "Guides" in item:
            item["Guides"] += others
        if "API reference" in item:
            item["API reference"] += [
                {f"pt2/{header}.h": f"api/{header}.md"}
                for header in sorted(api_reference.pages())]
            if cpp_reference.HEADER.exists():
                item["API reference"].append({"pt2/pt2.hpp (C++)": "api/cpp.md"})
        if "Decisions" in item:
            item["Decisions"] += [{title_of(path): f"adr/{path.name}"}
                                  for path in decisions()]
    config.watch += [str(api_reference.HEADERS), str(ROOT / "CONTRIBUTING.md")]
    return config


def on_files(files, config):
    for header, text in api_reference.pages().items():
        files.append(File.generated(config, f"api/{header}.md", content=text))
    if cpp_reference.HEADER.exists():
        files.append(File.generated(
            config, "api/cpp.md", content=cpp_reference.markdown(
                cpp_reference.HEADER.read_text())))
    contributing = (ROOT / "CONTRIBUTING.md").read_text()
    files.append(File.generated(
        config, "contributing.md",
        content=re.sub(r"\]\(docs/", "](", contributing)))
    return files


def link_names(markdown, index, prefix):
    """Makes `pt2_name` and `pt2_name()` links, outside of fenced blocks and of
    links."""
    token = re.compile(r"\[[^\]]*\]\([^)]*\)|(?<!`)`((?:pt2|PT2)_\w+)"
                       r"(?:\(\))?`(?!`)")
    lines, fence = [], None
    for line in markdown.split("\n"):
        mark = re.match(r"\s*(```+|~~~+)", line)
        if mark and fence is None:
            fence = mark.group(1)
            # A label behind the language is for tests (tests/docs/blocks.py).
            line = re.sub(r"^(\s*[`~]{3,}\w+)\s.*$", r"\1", line)
        elif mark and mark.group(1) == fence:
            fence = None
        elif fence is None and not line.startswith("#"):
            line = token.sub(
                lambda m: index.link(m.group(1), prefix) if m.group(1)
                else m.group(0), line)
        lines.append(line)
    return "\n".join(lines)


def on_page_markdown(markdown, page, config, files):
    path = page.file.src_uri
    if path.startswith("api/"):
        return markdown
    if path == "adr/README.md":
        markdown += "\n" + "\n".join(
            f"- [{title_of(p)}]({p.name})" for p in decisions()) + "\n"
    if path == "api.md":
        markdown = re.sub(r"`include/pt2/(\w+)\.h`",
                          lambda m: f"[`pt2/{m.group(1)}.h`](api/{m.group(1)}.md)"
                          if (api_reference.HEADERS / f"{m.group(1)}.h").exists()
                          else m.group(0), markdown)
    prefix = "../" * path.count("/") + "api/"
    return link_names(markdown, api_reference.Index(
        api_reference.read_headers()), prefix)
