#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the documentation: what it shows works, what it names exists.

    run.py [-v] [--python] [PAGE...]

Runs every fenced block of the pages: shell commands in a scratch folder with
the built tool in the path and the golden packages at hand; C compiled without a
warning, linked and run. A block that is not run has a mark with the reason
(blocks.py), which is counted and listed. Links, anchors, names of files and of
public functions must exist; every public declaration must have a comment, and
the library must export what the headers declare.

--python runs the Python blocks instead, those of a page in one session: they
need torch or the module pt2 (build/release/python, or $PT2_PYTHON). Needs build/release, and nothing but Python else.
"""
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(ROOT / "scripts"))
import api_reference
import blocks
import cpp_reference
import links

RELEASE = ROOT / "build" / "release"
GOLDEN = ROOT / "build" / "golden" / "avx2"
MODULE = os.environ.get("PT2_PYTHON", RELEASE / "python")
NEWEST = "2.15.0"
SHELL = ("sh", "bash", "shell", "console")
PYTHON = ("python", "py")
WARNINGS = ["-Wall", "-Wextra", "-Werror"]

# Blocks that another test takes out of their page, by language and label.
ELSEWHERE = {"cpp torch": "tests/cxx/test_porting.py",
             "cpp pt2": "tests/cxx/test_porting.py"}

# What a piece of C stands in: a model that is loaded, its input and a place for
# its output, under the names that the pages use.
FRAME = """\
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "pt2/pt2.h"
%(includes)s
static int piece(pt2_package_t* package, pt2_runner_t* runner, float* data,
                 pt2_tensor_t* x, pt2_tensor_t* y) {
  (void)package, (void)runner, (void)data, (void)x, (void)y;
  {
#line %(line)d "%(page)s"
%(text)s
  }
  return 0;
}
int main(void) {
  pt2_package_t* package;
  pt2_runner_t* runner;
  pt2_tensor_t* x;
  static float data[8 * 16];
  if (pt2_package_open("mlp.pt2", NULL, &package) ||
      pt2_runner_create(package, NULL, &runner) ||
      pt2_tensor_from_blob(data, PT2_DTYPE_F32, 2, (int64_t[]){8, 16}, NULL,
                           NULL, NULL, &x)) {
    fprintf(stderr, "%%s\\n", pt2_error_message());
    return 1;
  }
  int code = piece(package, runner, data, x, NULL);
  pt2_tensor_release(x);
  pt2_runner_release(runner);
  pt2_package_release(package);
  return code;
}
"""


# The same for C++, which makes its own objects.
CPP_FRAME = """\
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>
#include <vector>
#if __has_include("pt2/pt2.hpp")
#include "pt2/pt2.hpp"
#endif
#include "pt2/pt2.h"
%(includes)s
int main() {
  try {
#line %(line)d "%(page)s"
%(text)s
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\\n";
    return 1;
  }
}
"""


class Results:

    def __init__(self, verbose, quiet=False):
        self.verbose, self.quiet = verbose, quiet
        self.passed, self.failed, self.skipped = [], [], []

    def add(self, title, problem):
        (self.failed if problem else self.passed).append(title)
        if problem and not self.quiet:
            print(f"FAILED {title}: {problem}", flush=True)
        elif self.verbose:
            print(f"passed {title}", flush=True)

    def skip(self, title, reason):
        self.skipped.append(title)
        if not self.quiet:
            print(f"SKIPPED {title}: {reason}", flush=True)


class Scratch:
    """A folder that looks like the tree, with those packages and tensors that
    |text| names and an empty build/."""

    def __init__(self, folder, text):
        self.folder = folder
        for path in ROOT.iterdir():
            if path.name not in ("build", ".git") and \
                    not path.name.startswith("."):
                (folder / path.name).symlink_to(path)
        (folder / "build").mkdir()
        for name in ("release", "golden", "venv"):
            if (ROOT / "build" / name).exists():
                (folder / "build" / name).symlink_to(ROOT / "build" / name)
        (folder / "build" / "pt2").symlink_to(RELEASE / "pt2")
        for path in (*GOLDEN.glob("*.safetensors"),
                     *(GOLDEN / NEWEST).glob("*.pt2"),
                     ROOT / "examples/digits/digits.pt2"):
            # Copies: a block may write to the name.
            if re.search(rf"\b{re.escape(path.name)}\b", text) or \
                    path.name == "mlp.pt2":
                shutil.copyfile(path, folder / path.name)
        self.programs = folder / ".programs"
        self.programs.mkdir()
        # What make would do, without doing it: a target that does not exist
        # fails.
        make = self.programs / "make"
        make.write_text(f'#!/bin/sh\nexec {shutil.which("make")} -n -C '
                        f'"{ROOT}" "$@" > /dev/null\n')
        make.chmod(0o755)

    def environment(self):
        def prepend(name, value):
            return f"{value}:{os.environ[name]}" if os.environ.get(name) \
                else str(value)
        return {
            **os.environ,
            "PATH": f"{self.programs}:{RELEASE}:{os.environ['PATH']}",
            "LD_LIBRARY_PATH": prepend("LD_LIBRARY_PATH", RELEASE),
            "LIBRARY_PATH": prepend("LIBRARY_PATH", RELEASE),
            "C_INCLUDE_PATH": prepend("C_INCLUDE_PATH", ROOT / "include"),
            "CPLUS_INCLUDE_PATH": prepend("CPLUS_INCLUDE_PATH",
                                          ROOT / "include"),
            "PYTHONPATH": prepend("PYTHONPATH", f"{MODULE}:{ROOT}/tests/ops"),
            "PT2_LIBRARY": str(RELEASE / "libpt2.so"), "NO_COLOR": "1",
            "MAKEFLAGS": "", "MFLAGS": ""}

    def call(self, *command, timeout=120):
        """Exit code, standard output, both outputs."""
        done = subprocess.run(
            [str(part) for part in command], cwd=self.folder,
            env=self.environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            errors="replace", timeout=timeout)
        return done.returncode, done.stdout, done.stdout + done.stderr


class Page:
    """Runs the blocks of one page, in order, in one scratch folder."""

    def __init__(self, path, scratch, results):
        self.path, self.scratch, self.results = path, scratch, results
        self.label = str(path.relative_to(ROOT)) if ROOT in path.parents \
            else path.name
        self.printed = None  # what the last block wrote
        self.count = 0

    def run(self):
        pending = None
        listed = blocks.read(self.label, self.path.read_text())
        for at, block in enumerate(listed):
            following = listed[at + 1] if at + 1 < len(listed) else None
            if not block.mark_is_known:
                self.results.add(block.title, f"no such mark: {block.mark}")
                continue
            if block.continues:
                pending = dataclasses.replace(
                    pending, text=pending.text + block.text)
            elif block.is_output:
                if self.printed is not None:
                    self.results.add(block.title, blocks.output_differs(
                        block.text, self.printed))
                continue
            else:
                pending = block
            if following is not None and following.continues:
                continue
            self.run_block(pending)

    def run_python(self):
        """The Python blocks alone, in one session."""
        session, expected, last = [], {}, None
        for block in blocks.read(self.label, self.path.read_text()):
            if block.language in PYTHON and block.skip_reason:
                self.results.skip(block.title, block.skip_reason)
            elif block.language in PYTHON:
                session.append(block)
            elif block.is_output and last in session:
                expected[last.line] = block
            last = block
        if not session:
            return
        self.count += len(session)
        answers = self.python_session(session)
        for block, answer in zip(session, answers):
            problem = answer["problem"]
            if problem is None and block.line in expected:
                problem = blocks.output_differs(expected[block.line].text,
                                                answer["printed"])
            self.results.add(block.title, problem)
        for block in session[len(answers):]:
            self.results.add(block.title, "the session ended before it")

    def python_session(self, session):
        given = self.scratch.folder / ".blocks.json"
        results = self.scratch.folder / ".results.json"
        given.write_text(json.dumps([{"title": b.title, "text": b.text}
                                     for b in session]))
        try:
            code, _, everything = self.scratch.call(
                sys.executable, ROOT / "tests/docs/python_blocks.py", given,
                results, timeout=300)
            everything = f"the session ended with code {code}\n{everything}"
        except subprocess.TimeoutExpired:
            everything = "took too long"
        answers = json.loads(results.read_text()) if results.exists() else []
        if len(answers) < len(session):
            answers.append({"printed": "", "problem": everything})
        return answers

    def run_block(self, block):
        self.printed = None
        if block.language in PYTHON:
            return
        if block.skip_reason:
            self.results.skip(block.title, block.skip_reason)
            return
        elsewhere = ELSEWHERE.get(f"{block.language} {block.label}")
        if elsewhere and (ROOT / elsewhere).exists():
            self.results.skip(block.title, f"{elsewhere} runs it")
            return
        runner = {**dict.fromkeys(SHELL, self.shell), "c": self.c,
                  "cpp": self.cpp, "c++": self.cpp}.get(block.language)
        if runner is None:
            self.results.add(block.title, "no way to run this language, and no "
                             "mark that says why")
            return
        self.count += 1
        try:
            self.results.add(block.title, runner(block))
        except subprocess.TimeoutExpired:
            self.results.add(block.title, "took too long")

    def finish(self, block, code, printed, everything):
        self.printed = printed
        if code != block.exit_code:
            return f"exit code {code}, not {block.exit_code}:\n{everything}"
        return None

    def shell(self, block):
        return self.finish(block, *self.scratch.call("sh", "-eu", "-c",
                                                     block.text))

    def source(self, block, ending):
        """The file for a block: its own name if it gives one, "// x.c"."""
        name = re.match(rf"// (\w+{re.escape(ending)})\b", block.text)
        path = self.scratch.folder / (name.group(1) if name else
                                      f".block{self.count}{ending}")
        return path, name is not None

    def framed(self, block, frame):
        """A whole program as it is, a piece of one in |frame|."""
        if "main(" in block.text:
            return f'#line {block.line + 1} "{block.page}"\n{block.text}'
        includes = "\n".join(re.findall(r"^#include.*$", block.text, re.M))
        return frame % {
            "includes": includes, "line": block.line + 1, "page": block.page,
            "text": re.sub(r"^#include.*$", "", block.text, flags=re.M)}

    def c(self, block):
        path, is_named = self.source(block, ".c")
        path.write_text(self.framed(block, FRAME))
        program = path.with_suffix("")
        code, _, everything = self.scratch.call(
            "cc", "-std=c11", "-D_GNU_SOURCE", *WARNINGS, path, "-o", program,
            "-lpt2", "-lm", "-pthread")
        if code != 0:
            return everything
        if is_named:
            return None  # run by the commands that follow
        return self.finish(block, *self.scratch.call(program))

    def cpp(self, block):
        path, is_named = self.source(block, ".cpp")
        path.write_text(self.framed(block, CPP_FRAME))
        program = path.with_suffix("")
        code, _, everything = self.scratch.call(
            "c++", "-std=c++17", *WARNINGS, "-Wno-unused-variable", path, "-o", program, "-lpt2",
            "-pthread")
        if code != 0:
            return everything
        if is_named:
            return None
        return self.finish(block, *self.scratch.call(program))


def check_api(results):
    headers = api_reference.read_headers()
    for name, declaration in api_reference.undocumented(headers):
        results.add(f"include/pt2/{name}.h", f"{declaration} has no comment")
    results.add("comments in include/pt2", None if not
                api_reference.undocumented(headers) else "some are missing")
    declared = {name for header in headers for group in header.groups
                for d in group.declarations
                if d.kind == "function" and "static inline" not in d.text
                for name in d.names}
    listed = subprocess.run(
        ["nm", "-D", "--defined-only", str(RELEASE / "libpt2.so")],
        capture_output=True, text=True, check=True).stdout
    exported = {line.split()[2].split("@")[0] for line in listed.splitlines()
                if line.split()[1] in "TDB"}
    exported = {name for name in exported if name.startswith("pt2_")}
    differ = sorted(declared ^ exported)
    results.add("the reference has what the library exports",
                f"not in both: {', '.join(differ)}" if differ else None)
    for header, text in api_reference.pages().items():
        empty = not re.search(r"^## ", text, re.M)
        results.add(f"reference of pt2/{header}.h",
                    "is empty" if empty else None)
    return {name for header in headers for group in header.groups
            for name in group.names} | words_of_sources()


def check_cpp(results):
    """The page of the C++ header: bodies, private parts and namespace detail
    are gone, everything else is there."""
    folder = ROOT / "tests/docs"
    made = cpp_reference.markdown((folder / "sample.hpp").read_text())
    results.add("reference of C++", None
                if made.strip() == (folder / "sample.txt").read_text().strip()
                else f"of sample.hpp:\n{made}")
    if not cpp_reference.HEADER.exists():
        return
    text = cpp_reference.HEADER.read_text()
    made = cpp_reference.markdown(text)
    text = cpp_reference.without_blocks(text, r"namespace detail \{")
    names = set(re.findall(r"^(?:class|struct|enum class|using) (\w+)", text,
                           re.M))
    names |= {name for name in re.findall(
        r"^(?:inline|template)[^;{]*?[ &*](\w+)\(", text, re.M)}
    missing = [name for name in sorted(names)
               if not re.search(rf"\b{name}\b", made)]
    results.add("reference of pt2/pt2.hpp", f"without {', '.join(missing)}"
                if missing or len(names) < 10 else None)


def words_of_sources():
    """Names of the project that are not public: pages for contributors use
    them."""
    words = set()
    for folder in ("include", "src", "tests", "cmake", "scripts", "python"):
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in (".c", ".h", ".hpp", ".cpp", ".inc", ".cmake",
                               ".py", ".sh") or path.name == "CMakeLists.txt":
                words |= set(re.findall(r"\b(?:pt2|PT2)_\w+",
                                        path.read_text(errors="replace")))
    return words


def check_decisions(results):
    numbers = {}
    for path in sorted((ROOT / "docs/adr").glob("[0-9]*.md")):
        number = path.name[:4]
        text = path.read_text()
        problem = None
        if number in numbers:
            problem = f"the number is also that of {numbers[number]}"
        elif not text.startswith(f"# {int(number)}. "):
            problem = f"the heading does not begin with \"# {int(number)}. \""
        elif "Decision" not in text:
            problem = "no decision in it"
        numbers[number] = path.name
        results.add(f"docs/adr/{path.name}", problem)


def check_pictures(results):
    """They are drawn by hand: well-formed, described, for light and dark."""
    for path in sorted((ROOT / "docs").rglob("*.svg")):
        text, problem = path.read_text(), None
        try:
            root = ElementTree.fromstring(text)
            parts = {part.tag.rsplit("}")[-1] for part in root.iter()}
            missing = {"title", "desc", "style"} - parts
            if missing:
                problem = f"it has no {', '.join(sorted(missing))}"
            elif "prefers-color-scheme: dark" not in text:
                problem = "it has no colours for dark pages"
        except ElementTree.ParseError as error:
            problem = str(error)
        results.add(f"docs/{path.name}", problem)


def check_names(results, pages, names):
    total = 0
    for page in pages:
        found = links.problems(ROOT, page, names)
        total += links.count(page)
        results.add(f"links and names of {page.relative_to(ROOT)}",
                    "\n".join(found) if found else None)
    print(f"{total} links on {len(pages)} pages")
    if len(pages) > 10 and total < 20:
        results.add("links", "hardly any was found: are they read at all?")


def check_itself(results, names):
    """What is wrong on a page must be found (broken.txt)."""
    text = (ROOT / "tests/docs/broken.txt").read_text()
    found = Results(False, quiet=True)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "broken.md"
        path.write_text(text)
        Page(path, Scratch(pathlib.Path(folder), text), found).run()
    lines = [int(title.split(":")[1].split()[0]) for title in found.failed]
    expected = [block.line for block in blocks.read("broken.md", text)
                if block.label == "wrong"]
    results.add("broken blocks are found", None if lines == expected else
                f"lines {lines}, not {expected}")
    results.add("a block with a reason is skipped",
                None if len(found.skipped) == 1 else found.skipped)
    bad = links.problems(ROOT, ROOT / "docs/index.md", names, text)
    results.add("broken links and names are found", None if len(bad) == 6 else
                "\n".join(bad))


def main():
    arguments = sys.argv[1:]
    want_python = "--python" in arguments
    results = Results("-v" in arguments)
    chosen = [pathlib.Path(a).resolve() for a in arguments
              if not a.startswith("-")]
    pages = chosen or links.pages(ROOT)
    subprocess.run([ROOT / "tests/golden/unpack.sh"], check=True)
    if not want_python:
        names = check_api(results)
        check_cpp(results)
        check_names(results, pages, names)
        check_decisions(results)
        check_pictures(results)
        check_itself(results, names)
    count = 0
    for path in pages:
        with tempfile.TemporaryDirectory() as folder:
            page = Page(path, Scratch(pathlib.Path(folder), path.read_text()),
                        results)
            page.run_python() if want_python else page.run()
            count += page.count
    print(f"{count} blocks were run, {len(results.skipped)} were not")
    if count == 0:
        results.add("blocks", "none was found")
    print(f"{len(results.passed)} passed, {len(results.failed)} failed, "
          f"{len(results.skipped)} skipped")
    return 1 if results.failed else 0


sys.exit(main())
