#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every check and test and closes with `N passed, N failed, N skipped`.

    check.py [--fast] [--only STEP[,STEP]] [--list]

--fast leaves out what needs PyTorch and the sanitizers. Each step's output is
in build/check/STEP.log; what failed is printed.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "check"
JOBS = str(os.cpu_count() or 1)


class Counts:

    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        return (f"{self.passed} passed, {self.failed} failed, "
                f"{self.skipped} skipped")


def python():
    return os.environ.get("PT2_TEST_PYTHON",
                          str(ROOT / "build/venv/bin/python"))


def run(command, log, env=None, timeout=2400):
    """The exit code; output goes to |log|."""
    merged = {**os.environ, **(env or {})}
    log.write(f"$ {' '.join(map(str, command))}\n")
    log.flush()
    try:
        return subprocess.run(list(map(str, command)), cwd=ROOT, env=merged,
                              stdin=subprocess.DEVNULL, stdout=log,
                              stderr=subprocess.STDOUT,
                              timeout=timeout).returncode
    except subprocess.TimeoutExpired:
        log.write(f"took more than {timeout} s\n")
        return 124


def gate(*command, env=None):
    """A step that is one check: it passes or fails as a whole."""

    def step(log):
        failed = run(command, log, env) != 0
        return Counts(0 if failed else 1, 1 if failed else 0)

    return step


def build(preset, *options):
    def step(log):
        failed = (run(["cmake", "--preset", preset, *options], log) or
                  run(["cmake", "--build", f"build/{preset}", f"-j{JOBS}"],
                      log))
        return Counts(0 if failed else 1, 1 if failed else 0)

    return step


SANITIZER_ENV = {
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:allocator_may_return_null=1",
    "LSAN_OPTIONS": f"suppressions={ROOT}/tests/support/lsan.supp",
    "TSAN_OPTIONS": "allocator_may_return_null=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}


def asan_python_env():
    """For a Python that loads the library built with sanitizers. What Python
    itself never frees is no leak of ours."""
    libraries = [subprocess.run(["gcc", f"-print-file-name={name}"],
                                capture_output=True, text=True).stdout.strip()
                 for name in ("libasan.so", "libubsan.so")]
    return {**SANITIZER_ENV, "LD_PRELOAD": " ".join(libraries),
            "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1",
            "PT2_LIBRARY": str(ROOT / "build/asan/libpt2.so")}


def ctest(preset, *selection):
    def step(log):
        report = LOGS / f"ctest-{preset}.xml"
        run(["ctest", "--test-dir", f"build/{preset}", "--output-on-failure",
             "--no-tests=error", "--timeout", "600", "--output-junit", report,
             *selection], log, SANITIZER_ENV)
        return junit(report)

    return step


def pytest(name, *arguments, env=None):
    def step(log):
        report = LOGS / f"pytest-{name}.xml"
        report.unlink(missing_ok=True)
        run([python(), "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider",
             f"--junitxml={report}", *arguments], log, env)
        return junit(report)

    return step


def junit(report):
    """Counts from a report; one failure if there is none."""
    if not report.exists():
        return Counts(failed=1)
    total = Counts()
    for case in ElementTree.parse(report).iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            total.failed += 1
        elif (case.find("skipped") is not None or
              case.get("status") in ("notrun", "disabled")):
            total.skipped += 1
        else:
            total.passed += 1
    return total if total.passed + total.failed else Counts(failed=1)


def counted(*command, env=None):
    """A step whose last line says `N passed, N failed, N skipped`."""

    def step(log):
        start = log.tell()
        code = run(command, log, env)
        log.flush()
        text = pathlib.Path(log.name).read_text()[start:]
        found = re.findall(
            r"^(\d+) passed, (\d+) failed, (\d+) skipped$", text, re.M)
        if not found:
            return Counts(failed=1)
        counts = Counts(*map(int, found[-1]))
        if code != 0 and counts.failed == 0:
            counts.failed = 1
        return counts

    return step


def tracked(*patterns):
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT,
                            capture_output=True, text=True, check=True)
    return listed.stdout.split()


def format_step(log):
    # What is generated has its generator's shape.
    files = tracked("*.c", "*.h", "*.cpp", ":!abi/gen")
    failed = run(["clang-format", "--dry-run", "-Werror", *files], log) != 0
    return Counts(0 if failed else 1, 1 if failed else 0)


def steps(fast):
    clang = ["-DCMAKE_C_COMPILER=clang", "-DCMAKE_CXX_COMPILER=clang++",
             "-DPT2_WERROR=ON"]
    listed = [
        ("abi", gate("python3", "scripts/gen_abi.py", "--check")),
        ("layers", gate("python3", "scripts/check_layers.py")),
        ("format", format_step),
        ("build", build("release", "-DPT2_WERROR=ON")),
        ("exports", gate("scripts/check_exports.sh")),
        ("golden-data", gate("tests/golden/unpack.sh")),
        ("unit", ctest("release")),
        ("golden", counted("python3", "tests/packages/golden.py",
                           "build/release/pt2")),
        ("op-vectors", counted("python3", "tests/op_vectors/run.py")),
        ("mps-defects", counted("python3", "tests/mps/defects.py")),
        ("install", counted("tests/install/run.sh")),
    ]
    if fast:
        return listed
    return listed + [
        ("clang", build("clang", *clang)),
        ("asan", build("asan")),
        ("unit-asan", ctest("asan")),
        ("golden-asan", counted("python3", "tests/packages/golden.py",
                                "build/asan/pt2", env=SANITIZER_ENV)),
        ("op-vectors-asan", counted("python3", "tests/op_vectors/run.py",
                                    env=asan_python_env())),
        ("tsan", build("tsan")),
        ("unit-tsan", ctest("tsan", "-R",
                             "thread|gate|constants|pool|registry|loader|convolution|proxy|observer|memory|backend")),
        ("venv", gate("scripts/venv.sh")),
        ("cli", pytest("cli", "tests/cli")),
        ("runner", pytest("runner", "tests/runner")),
        ("runner-asan", pytest("runner-asan", "-p", "no:faulthandler",
                               "tests/runner", env=asan_python_env())),
        ("shim", pytest("shim", "tests/shim")),
        ("ops", pytest("ops", "tests/ops",
                       "--ignore=tests/ops/test_faults.py")),
        # The kernels for any CPU, on this one.
        ("ops-portable", pytest("ops-portable", "tests/ops",
                                "--ignore=tests/ops/test_faults.py",
                                env={"PT2_CPU_LEVEL": "portable"})),
        ("ops-faults", pytest("ops-faults", "tests/ops/test_faults.py", env={
            "PT2_LIBRARY": str(ROOT / "build/release/libpt2_testing.so")})),
        ("op-db", pytest("op-db", "tests/op_db")),
        ("zoo-build", gate(python(), "tests/zoo/build.py")),
        ("zoo", pytest("zoo", "tests/zoo")),
        ("minilm", gate(python(), "examples/minilm/make_package.py",
                        "build/minilm")),
        ("examples", pytest("examples", "tests/examples")),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    chosen = steps(arguments.fast)
    if arguments.only:
        wanted = arguments.only.split(",")
        chosen = [s for s in chosen if s[0] in wanted]
    if arguments.list:
        print("\n".join(name for name, _ in chosen))
        return 0
    LOGS.mkdir(parents=True, exist_ok=True)
    total = Counts()
    for name, step in chosen:
        start = time.monotonic()
        with open(LOGS / f"{name}.log", "w") as log:
            counts = step(log)
        total.add(counts)
        print(f"{name:12} {time.monotonic() - start:6.0f} s  {counts}",
              flush=True)
        if counts.failed:
            tail = (LOGS / f"{name}.log").read_text().splitlines()[-60:]
            print("\n".join("    " + line for line in tail), flush=True)
    print(total)
    return 1 if total.failed else 0


sys.exit(main())
