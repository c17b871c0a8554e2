#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every check and test and closes with `N passed, N failed, N skipped`.

    check.py [--fast] [--only STEP[,STEP]] [--list]

--fast leaves out what needs PyTorch and the sanitizers. Each step's output is
in build/check/STEP.log; what failed is printed, and named once more at the
end, where who sees only the last lines finds it. Builds have the machine to
themselves; other steps run as many at once as there are cores, most of them
being one busy process.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "check"
JOBS = str(os.cpu_count() or 1)


class Counts:
    """|names| failed and |skips| were skipped, where the step tells."""

    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped
        self.names, self.skips = [], []

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


def build_python(preset):
    """The Python module, for the Python that runs the tests. It is no part of
    the first build, which needs no more than a compiler."""

    def step(log):
        failed = (run(["cmake", "--preset", preset, "-DPT2_BUILD_PYTHON=ON",
                       f"-DPython_EXECUTABLE={python()}"], log) or
                  run(["cmake", "--build", f"build/{preset}", f"-j{JOBS}",
                       "--target", "pt2_python"], log))
        return Counts(0 if failed else 1, 1 if failed else 0)

    return step


SANITIZER_ENV = {
    # Of memory that a loaded library's thread-local variables get, GCC 12's leak
    # checker takes what lies 16 bytes behind a page's start for another kind, and
    # crashes: by chance of the addresses, and then every time. Ours are static.
    "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:"
                    "allocator_may_return_null=1:intercept_tls_get_addr=0",
    "LSAN_OPTIONS": f"suppressions={ROOT}/tests/support/lsan.supp",
    "TSAN_OPTIONS": f"suppressions={ROOT}/tests/support/tsan.supp:"
                    "allocator_may_return_null=1",
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


def tsan_python_env():
    """For a Python that loads the module built with ThreadSanitizer. A report
    ends it, and so the step."""
    library = subprocess.run(["gcc", "-print-file-name=libtsan.so"],
                             capture_output=True, text=True).stdout.strip()
    return {"LD_PRELOAD": library, "OMP_NUM_THREADS": "1",
            "TSAN_OPTIONS": "halt_on_error=1:" +
                            SANITIZER_ENV["TSAN_OPTIONS"],
            "PT2_PYTHON": str(ROOT / "build/tsan/python")}


def ctest(preset, *selection):
    """New and freed memory is filled, for what reads it to fail each time, not
    by chance. (glibc's own allocator does it; sanitizers have theirs.)"""

    def step(log):
        report = LOGS / f"ctest-{preset}.xml"
        run(["ctest", "--test-dir", f"build/{preset}", "--output-on-failure",
             "--no-tests=error", "--timeout", "600", "--output-junit", report,
             *selection], log, {**SANITIZER_ENV, "MALLOC_PERTURB_": "165"})
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


def name_and_reason(case):
    """Of a test that did not pass. pytest tells why; CTest has no more than what
    the program wrote."""
    name = case.get("name", "?")
    for kind in ("failure", "error", "skipped"):
        found = case.find(kind)
        reason = "" if found is None else found.get("message", "")
        if kind == "failure" and case.findtext("system-out"):
            telling = [line for line in case.findtext("system-out").splitlines()
                       if re.search("error|fail", line, re.I)]
            reason = " ".join(telling[:8]) or reason
        if reason:
            # The start names the exception, the end often its cause.
            line = " ".join(reason.split())
            return f"{name}: " + (line if len(line) < 400 else
                                  f"{line[:200]} ... {line[-200:]}")
    return name


def junit(report):
    """Counts from a report; one failure if there is none."""
    if not report.exists():
        return Counts(failed=1)
    total = Counts()
    for case in ElementTree.parse(report).iter("testcase"):
        skipped = case.find("skipped")
        # CTest says "skipped" of a program that was not built, too.
        missing = (skipped is not None and
                   "Unable to find" in skipped.get("message", ""))
        if (missing or case.find("failure") is not None or
                case.find("error") is not None):
            total.failed += 1
            total.names.append(name_and_reason(case))
        elif (skipped is not None or
              case.get("status") in ("notrun", "disabled")):
            total.skipped += 1
            total.skips.append(name_and_reason(case))
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
    files = tracked("*.c", "*.h", "*.hpp", "*.cpp", ":!abi/gen",
                    ":!abi/headers")
    failed = run(["clang-format", "--dry-run", "-Werror", *files], log) != 0
    return Counts(0 if failed else 1, 1 if failed else 0)


class Step:
    """|needs|: steps that must be over before, where they are run at all.
    |wide|: it uses all cores by itself."""

    def __init__(self, name, call, needs=(), wide=False):
        self.name, self.call, self.needs = name, call, needs
        self.wide = wide


# In the order they start in: what takes longest of those that can run together
# stands first.
def steps(fast):
    clang = ["-DCMAKE_C_COMPILER=clang", "-DCMAKE_CXX_COMPILER=clang++",
             "-DPT2_WERROR=ON"]
    listed = [
        Step("abi", gate("python3", "scripts/gen_abi.py", "--check")),
        Step("layers", gate("python3", "scripts/check_layers.py")),
        Step("format", format_step),
        Step("golden-data", gate("tests/golden/unpack.sh")),
        Step("build", build("release", "-DPT2_WERROR=ON"), wide=True),
        Step("exports", gate("scripts/check_exports.sh"), ["build"]),
        Step("unit", ctest("release"), ["build", "golden-data"]),
        Step("golden", counted("python3", "tests/packages/golden.py",
                               "build/release/pt2"),
             ["build", "golden-data"]),
        Step("op-vectors", counted("python3", "tests/op_vectors/run.py"),
             ["build"]),
        Step("install", counted("tests/install/run.sh"), ["build"]),
        Step("docs", counted("python3", "tests/docs/run.py"),
             ["build", "golden-data"]),
        Step("cxx", counted("tests/cxx/run.sh"), ["build", "golden-data"]),
        Step("abi-compat", counted("tests/abi/run.py"), ["build"]),
        Step("man", counted("tests/packaging/man.sh"), ["build"]),
        Step("mps-operator-table", gate("python3",
                                        "tests/mps/operator_table.py",
                                        "--check")),
        Step("mps-shaders", counted("python3", "tests/mps/check_shaders.py")),
        # With the shaders that "unit" compiled.
        Step("mps-defects", counted("python3", "tests/mps/defects.py"),
             ["unit"]),
    ]
    if fast:
        return listed
    return listed + [
        Step("venv", gate("scripts/venv.sh")),
        Step("clang", build("clang", *clang), wide=True),
        Step("asan", build("asan"), wide=True),
        Step("tsan", build("tsan"), wide=True),
        Step("cross-macos", gate(python(), "scripts/cross_macos.py",
                                 "--arch=arm64"), ["venv"],
             wide=True),
        Step("mps-apple", counted(python(), "tests/mps/check_apple.py"),
             ["venv", "cross-macos"]),
        Step("python-build", build_python("release"), ["build", "venv"],
             wide=True),
        Step("python-asan-build", build_python("asan"), ["asan", "venv"],
             wide=True),
        Step("python-tsan-build", build_python("tsan"), ["tsan", "venv"],
             wide=True),
        Step("mps-operators", gate(python(), "tests/mps/make_packages.py",
                                   "--check-operators"), ["venv"]),
        Step("op-db", pytest("op-db", "tests/op_db"), ["build", "venv"]),
        Step("zoo-build", gate(python(), "tests/zoo/build.py"), ["venv"]),
        Step("ops", pytest("ops", "tests/ops",
                           "--ignore=tests/ops/test_faults.py"),
             ["build", "venv"]),
        # The kernels for any CPU, on this one.
        Step("ops-portable", pytest("ops-portable", "tests/ops",
                                    "--ignore=tests/ops/test_faults.py",
                                    "--ignore=tests/ops/test_threads.py",
                                    env={"PT2_CPU_LEVEL": "portable"}),
             ["build", "venv"]),
        Step("unit-asan", ctest("asan"), ["asan", "golden-data"]),
        Step("unit-tsan", ctest("tsan", "-R", "thread|gate|constants|pool|"
                                "registry|loader|convolution|proxy|observer|"
                                "memory|backend|device",
                                # Its fibers are none to ThreadSanitizer.
                                "-E", "mps"),
             ["tsan", "golden-data"]),
        Step("runner", pytest("runner", "tests/runner"), ["build", "venv"]),
        # With the packages that "runner" compiled.
        Step("runner-asan", pytest("runner-asan", "-p", "no:faulthandler",
                                   "tests/runner", env=asan_python_env()),
             ["asan", "runner"]),
        Step("zoo", pytest("zoo", "tests/zoo"), ["build", "zoo-build"]),
        Step("golden-asan", counted("python3", "tests/packages/golden.py",
                                    "build/asan/pt2", env=SANITIZER_ENV),
             ["asan", "golden-data"]),
        Step("op-vectors-asan", counted("python3", "tests/op_vectors/run.py",
                                        env=asan_python_env()), ["asan"]),
        Step("cli", pytest("cli", "tests/cli"), ["build", "venv"]),
        Step("deb-build", gate("scripts/make_deb.sh"), ["build"]),
        Step("deb", counted("tests/packaging/deb.sh"), ["deb-build"]),
        Step("dist", counted("tests/packaging/dist.sh"), ["build"]),
        Step("wheel-build", gate("scripts/make_wheel.sh"), ["python-build"]),
        Step("wheel", counted("tests/packaging/wheel.sh"), ["wheel-build"]),
        Step("python", pytest("python", "tests/python"), ["python-build"]),
        Step("python-asan", pytest(
            "python-asan", "-p", "no:faulthandler", "tests/python/test_module.py",
            "tests/python/test_lives.py", "-k", "not torch_first",
            env={**asan_python_env(),
                 "PT2_PYTHON": str(ROOT / "build/asan/python")}),
             ["python-asan-build", "python"]),
        Step("python-tsan", pytest(
            "python-tsan", "-s", "-p", "no:faulthandler",
            "tests/python/test_lives.py",
            "-k", "hundred or traffic or single_threaded or load_in_threads",
            env=tsan_python_env()), ["python-tsan-build", "python"]),
        Step("docs-python", counted(python(), "tests/docs/run.py", "--python"),
             ["python-build"]),
        Step("docs-site", counted(python(), "tests/docs/site.py"), ["venv"]),
        Step("shim", pytest("shim", "tests/shim"), ["build", "venv"]),
        Step("ops-faults", pytest("ops-faults", "tests/ops/test_faults.py",
                                  env={"PT2_LIBRARY": str(
                                      ROOT /
                                      "build/release/libpt2_testing.so")}),
             ["build", "venv"]),
        Step("minilm", gate(python(), "examples/minilm/make_package.py",
                            "build/minilm"), ["venv"]),
        Step("textgen", gate(python(), "examples/textgen/make_package.py"),
             ["venv"]),
        Step("examples", pytest("examples", "tests/examples"),
             ["build", "python-build", "minilm", "textgen"]),
        Step("porting", pytest("porting", "tests/cxx"), ["build", "venv"]),
    ]


class Schedule:
    """Runs steps on threads: each is a process that is waited for."""

    def __init__(self, chosen, lanes):
        self.waiting = list(chosen)
        self.lanes = lanes
        self.running = []
        self.total = Counts()
        self.failures, self.skips = [], []
        self.changed = threading.Condition()

    def may_start(self, step):
        """Under the lock: nothing it needs is still to be done."""
        undone = {other.name for other in self.waiting + self.running}
        if any(need in undone for need in step.needs):
            return False
        if step.wide:
            return not self.running
        return (len(self.running) < self.lanes and
                not any(other.wide for other in self.running))

    def next(self):
        """Under the lock: the first that may start; a build is not overtaken,
        or it would never find the machine free."""
        for step in self.waiting:
            if self.may_start(step):
                return step
            if step.wide:
                return None
        return None

    def perform(self, step):
        start = time.monotonic()
        try:
            with open(LOGS / f"{step.name}.log", "w") as log:
                counts = step.call(log)
        except Exception as problem:  # a step that breaks is one that failed
            print(f"{step.name}: {problem!r}", flush=True)
            counts = Counts(failed=1)
        with self.changed:
            self.total.add(counts)
            print(f"{step.name:15} {time.monotonic() - start:6.0f} s  {counts}",
                  flush=True)
            for skip in counts.skips:
                self.skips.append(f"skipped: {step.name}: {skip}")
            if counts.failed:
                tail = (LOGS / f"{step.name}.log").read_text()
                print("\n".join("    " + line[:400]
                                for line in tail.splitlines()[-60:]),
                      flush=True)
                told = (counts.names[:20] or
                        [line[:700] for line in tail.splitlines()[-8:]])
                self.failures.append(
                    "\n    ".join([f"failed: {step.name}", *told]))
            self.running.remove(step)
            self.changed.notify()

    def run(self):
        with self.changed:
            while self.waiting or self.running:
                step = self.next()
                if step is None:
                    self.changed.wait()
                    continue
                self.waiting.remove(step)
                self.running.append(step)
                threading.Thread(target=self.perform, args=[step]).start()
        return self.total, self.skips + self.failures


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fast", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--lanes", type=int, default=int(JOBS),
                        help="steps at once (default: the cores)")
    arguments = parser.parse_args()
    chosen = steps(arguments.fast)
    if arguments.only:
        wanted = arguments.only.split(",")
        unknown = set(wanted) - {step.name for step in chosen}
        if unknown:
            sys.exit(f"no step is called {', '.join(sorted(unknown))}")
        chosen = [step for step in chosen if step.name in wanted]
    if arguments.list:
        print("\n".join(step.name for step in chosen))
        return 0
    LOGS.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    total, remarks = Schedule(chosen, arguments.lanes).run()
    print("\n".join(remarks), end="\n" if remarks else "")
    print(f"{time.monotonic() - start:.0f} s in all")
    print(total)
    return 1 if total.failed else 0


sys.exit(main())
