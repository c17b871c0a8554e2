#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs of earlier days with today's library.

    run.py [BUILD]

For each file of abi/headers, tests/abi/program.c is compiled with it, linked
to a library that has its functions and nothing else, and run with the library
of BUILD. And the checks that protect this must see what they are there for.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import check_abi  # noqa: E402

SNAPSHOTS = sorted(check_abi.HEADERS.glob("*.h"))


def call(*command, **more):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}")
    return done.stdout


def library_of(snapshot, folder):
    """libpt2.so as it was: the functions of |snapshot|, which do nothing."""
    text = snapshot.read_text()
    node = re.search(r"Symbol version: (\S+)", text)[1]
    names = [key for key, declaration in check_abi.declarations(text).items()
             if declaration.startswith("PT2_API") and key.startswith("pt2_")]
    assert len(names) > 80, names
    (folder / "old.c").write_text(
        "".join(f"void {name}(void) {{}}\n" for name in names))
    (folder / "old.map").write_text(
        f"{node} {{ global: pt2_*; local: *; }};\n")
    call("cc", "-shared", "-fPIC", "-Wl,-soname,libpt2.so.0",
         f"-Wl,--version-script={folder / 'old.map'}", folder / "old.c", "-o",
         folder / "libpt2.so")


def runs_with_todays(snapshot, build, folder):
    (folder / "pt2").mkdir()
    (folder / "pt2/pt2.h").symlink_to(snapshot)
    library_of(snapshot, folder)
    program = folder / "program"
    call("cc", "-std=c11", "-Wall", "-Werror", f"-I{folder}",
         ROOT / "tests/abi/program.c", f"-L{folder}", "-lpt2", "-o", program)
    assert "PT2_0.1" in call("objdump", "-p", program), "no symbol version"
    output = call(program, ROOT / "examples/digits/digits.pt2", env={
        **os.environ, "LD_LIBRARY_PATH": str(build), "LD_BIND_NOW": "1"})
    assert "no version information" not in output, output
    print(f"  {snapshot.stem}: {output.strip()}")


def sizes_differ(_):
    """Otherwise nothing is learned from older options."""
    fields = {check_abi.declarations(s.read_text())[
        "struct pt2_runner_options_t"] for s in SNAPSHOTS}
    assert len(fields) > 1


def changes_are_seen(folder):
    """check_abi.py against headers in which something was broken."""
    old = SNAPSHOTS[-1].read_text()
    for pattern, to, word in [
            (r"PT2_API const char\* pt2_version\(void\);", "", "pt2_version"),
            (r"(size_t num_runners;\s*)(bool run_single_threaded;)", r"\2\1",
             "pt2_runner_options_t"),
            (r"(int64_t min;)", r"\1 int32_t more;", "pt2_dim_info_t"),
            (r"PT2_STATUS_CORRUPT = 5", "PT2_STATUS_CORRUPT = 55",
             "PT2_STATUS_OK"),
            (r"(pt2_runner_release\()", r"\1int how, ", "pt2_runner_release"),
            (r"(\(\*pt2_op_fn\)\(void\* user,)", r"\1 int how,", "pt2_op_fn"),
            (r"PT2_BACKEND_ABI_VERSION 1", "PT2_BACKEND_ABI_VERSION 2",
             "PT2_BACKEND_ABI_VERSION")]:
        new, count = re.subn(pattern, to, old)
        assert count == 1, pattern
        problems = broken(old, new, folder)
        assert len(problems) == 1 and word in problems[0], (pattern, problems)


def growth_is_allowed(folder):
    old = SNAPSHOTS[-1].read_text()
    new = old
    for pattern, to in [
            (r"(\} pt2_runner_options_t;)", r"int more;\n\1"),
            (r"(PT2_STATUS_CANCELLED = \d+,)", r"\1 PT2_STATUS_MORE = 99,"),
            (r"(PT2_API const char\* pt2_version)",
             r"PT2_API void pt2_more(void);\n\1")]:
        new, count = re.subn(pattern, to, new)
        assert count == 1, pattern
    assert broken(old, new, folder) == []


def broken(old, new, folder):
    """What compare_headers says of |old| where |new| is today's."""
    path = folder / "old.h"
    path.write_text(old)
    today, check_abi.flat = check_abi.flat, lambda: new
    try:
        return list(check_abi.compare_headers(path))
    finally:
        check_abi.flat = today


def lost_name_is_seen(build, folder):
    """A library without one of the recorded names, and one with a new one."""
    names = [name for name in check_abi.recorded() if name != "pt2_version"]
    (folder / "x.c").write_text("".join(
        f"void {name}(void) {{}}\n" for name in [*names, "pt2_more"]))
    call("cc", "-shared", "-fPIC", folder / "x.c", "-o", folder / "x.so",
         f"-Wl,--version-script={build / 'libpt2.map'}")
    problems = list(check_abi.compare_names(folder / "x.so"))
    assert len(problems) == 2, problems
    assert problems[0].startswith("pt2_version has disappeared")
    assert problems[1].startswith("pt2_more is not in")


def only_minors_add(folder):
    """A name that is new in 0.1.1 would look like one of 0.1.0."""
    (folder / "symbols").write_text(
        "libpt2.so.0 libpt2-0 #MINVER#\n PT2_0.1@PT2_0.1 0.1.0\n"
        " pt2_old@PT2_0.1 0.1.0\n")
    saved = (check_abi.SYMBOLS, check_abi.exported, check_abi.version)
    check_abi.SYMBOLS = folder / "symbols"
    check_abi.exported = lambda _: {"pt2_old": "PT2_0.1", "pt2_a": "PT2_0.1"}
    try:
        check_abi.version = lambda: "0.1.1"
        try:
            check_abi.record(None)
        except SystemExit as refused:
            assert "new minor version" in str(refused), refused
        else:
            raise AssertionError("0.1.1 could add a name")
        check_abi.version = lambda: "0.2.0"
        check_abi.exported = lambda _: {"pt2_old": "PT2_0.1",
                                        "pt2_a": "PT2_0.2"}
        check_abi.record(None)
        assert (folder / "symbols").read_text() == (
            "libpt2.so.0 libpt2-0 #MINVER#\n PT2_0.1@PT2_0.1 0.1.0\n"
            " PT2_0.2@PT2_0.2 0.2.0\n pt2_a@PT2_0.2 0.2.0\n"
            " pt2_old@PT2_0.1 0.1.0\n")
    finally:
        check_abi.SYMBOLS, check_abi.exported, check_abi.version = saved


def next_release(folder):
    """What is recorded keeps its node; what is new gets the new one."""
    (folder / "abi").mkdir()
    (folder / "abi/libpt2.symbols").write_text(
        "libpt2.so.0 libpt2-0 #MINVER#\n PT2_0.1@PT2_0.1 0.1.0\n"
        " pt2_old@PT2_0.1 0.1.0\n pt2_late@PT2_0.9 0.9.1\n")
    (folder / "x.c").write_text(
        "void pt2_old(void) {}\nvoid pt2_late(void) {}\n"
        "void pt2_new(void) {}\nvoid other(void) {}\n")
    (folder / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.20)\n"
        "project(next VERSION 0.10.0 LANGUAGES C)\n"
        "add_library(pt2_shared SHARED x.c)\n"
        f"include({ROOT}/cmake/symbol_versions.cmake)\n")
    call("cmake", "-S", folder, "-B", folder / "build")
    call("cmake", "--build", folder / "build")
    listed = call("nm", "-D", "--defined-only",
                  folder / "build/libpt2_shared.so")
    assert sorted(re.findall(r"T (\S+)", listed)) == [
        "pt2_late@@PT2_0.9", "pt2_new@@PT2_0.10", "pt2_old@@PT2_0.1"], listed


def main():
    build = pathlib.Path(sys.argv[1] if len(sys.argv) > 1
                         else ROOT / "build/release").resolve()
    tests = [("names and headers", lambda _: call(
        sys.executable, ROOT / "scripts/check_abi.py", build))]
    tests += [(f"a program of {s.stem}",
               lambda folder, s=s: runs_with_todays(s, build, folder))
              for s in SNAPSHOTS]
    tests += [("sizes differ", sizes_differ),
              ("changes are seen", changes_are_seen),
              ("growth is allowed", growth_is_allowed),
              ("lost name", lambda folder: lost_name_is_seen(build, folder)),
              ("only minor releases add", only_minors_add),
              ("next release", next_release)]
    failed = 0
    for title, test in tests:
        with tempfile.TemporaryDirectory() as folder:
            try:
                test(pathlib.Path(folder))
            except AssertionError as error:
                failed += 1
                print(f"FAILED {title}: {error}")
    print(f"{len(tests) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


sys.exit(main())
