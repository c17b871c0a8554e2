# SPDX-License-Identifier: Apache-2.0
"""What the pages name must exist: links and their anchors, files of the tree,
public names."""
import pathlib
import re
import unicodedata
import urllib.parse

import blocks

LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^()\s]+(?:\([^()]*\))?)"
                  r"(?:\s+\"[^\"]*\")?\)")
CODE = re.compile(r"(`+)(.+?)\1")
# A path of the tree, as pages write it: "src/package/pickle.c", "tests/zoo".
TREE = re.compile(r"(?:src|include|tests|docs|scripts|bench|examples|abi|cmake|"
                  r"tools)/[\w./-]+$")
PUBLIC = re.compile(r"((?:pt2|PT2)_\w+)(?:\(\))?$")


def slug(heading):
    """The anchor that GitHub and MkDocs give a heading."""
    text = CODE.sub(lambda m: m.group(2), heading)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = unicodedata.normalize("NFKD", text)
    text = text.encode("ascii", "ignore").decode()
    text = re.sub(r"[^\w\s-]", "", text).strip().lower()
    return re.sub(r"[-\s]+", "-", text)


def anchors(text):
    found = set(re.findall(r'<a id="([^"]+)"', text))
    for line in blocks.prose(text):
        heading = re.match(r"#+\s+(.*?)\s*#*$", line)
        if heading:
            explicit = re.search(r"\{:?\s*#([\w-]+)\s*\}$", heading.group(1))
            found.add(explicit.group(1) if explicit else slug(heading.group(1)))
    return found


def check_external(target):
    parts = urllib.parse.urlsplit(target)
    if parts.scheme not in ("http", "https") or not parts.netloc or \
            " " in target or "." not in parts.netloc:
        return "is no address of the web"
    return None


def check_link(root, page, target):
    """None, or what is wrong with the link |target| of |page|."""
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return check_external(target)
    path, _, anchor = target.partition("#")
    file = page if not path else (page.parent / urllib.parse.unquote(path))
    if not file.exists():
        return "leads nowhere"
    if root not in file.resolve().parents and file.resolve() != root:
        return "leads out of the tree"
    if anchor and (file.suffix != ".md" or
                   anchor not in anchors(file.read_text())):
        return f"has no such anchor in {file.name}"
    # The site holds docs/ alone.
    docs = root / "docs"
    if docs in page.parents and docs not in file.resolve().parents:
        return "leads out of docs/, which is all that the site has"
    return None


def check_code(root, names, text):
    """None, or what is wrong with the `code` |text|."""
    if TREE.match(text) and not (root / text).exists():
        return "is no file of the tree"
    public = PUBLIC.match(text)
    if public and public.group(1) not in names:
        return "is no public name"
    return None


def problems(root, page, names, text=None):
    """"page:line: what" for each thing that does not exist; |text| is what is
    on the page, if not what is in the file."""
    label = page.relative_to(root)
    found = []
    text = page.read_text() if text is None else text
    for number, line in enumerate(blocks.prose(text), 1):
        bare = CODE.sub("", line)
        for target in LINK.findall(bare):
            wrong = check_link(root, page, target)
            if wrong:
                found.append(f"{label}:{number}: the link {target} {wrong}")
        for _, text in CODE.findall(line):
            wrong = check_code(root, names, text.strip())
            if wrong:
                found.append(f"{label}:{number}: `{text}` {wrong}")
    return found


def count(page):
    return sum(len(LINK.findall(CODE.sub("", line)))
               for line in blocks.prose(page.read_text()))


def pages(root):
    """All Markdown of the project."""
    listed = [root / "README.md", root / "CONTRIBUTING.md",
              *root.glob("docs/**/*.md"), *root.glob("examples/**/*.md"),
              *root.glob("tests/**/*.md"), *root.glob("python/**/*.md")]
    return sorted(pathlib.Path(p) for p in set(listed) if p.exists())
