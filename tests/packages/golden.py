#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the tool on the golden packages of ten releases of torch.

    golden.py TOOL [-v]

Each package must give the answers that eager PyTorch gave, or be refused with
exit code 3 and the right reason. Needs nothing but Python.
"""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "build" / "golden"

# Packages that no machine can run, and what the refusal must speak of.
REFUSED = {
    "mlpnow": "weights",
    "cpponly": "source",
    "customop": "pt2test::scale_add",
}
# Weights that oneDNN packed for the compiling CPU: right, or refused for the
# form that they have. Those for AVX2 are known.
PACKED = {"mlpfreeze": "oneDNN"}
# A package whose weights are not those that the answers were made with: its
# inlined bias differs from that of the other five releases.
OTHER_WEIGHTS = {("avx512", "2.14.1", "nolibtorch")}
# Packages and how many of them there must be, so that an archive that lost
# some is noticed.
SETS = {"avx512": 63, "avx2": 80}
NEEDS = {"avx512": ("avx512f", "AVX512"), "avx2": ("avx2", "AVX2")}


def cpu_flags():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("flags"):
            return set(line.split(":")[1].split())
    return set()


def call(tool, *arguments):
    done = subprocess.run([tool, *map(str, arguments)], capture_output=True,
                          text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def refusal(tool, package, reason):
    code, text = call(tool, "run", package)
    if code != 3 or reason not in text:
        return f"expected a refusal (3) that names {reason}, got {code}: {text}"
    return None


def run_model(tool, package, name, model, expected):
    folder = package.parents[1]
    code, text = call(tool, "run", package, f"--model={model}",
                      f"--input=@{folder / name}.inputs.safetensors",
                      f"--expected-output=@{folder / expected}")
    return None if code == 0 else f"exit code {code}: {text}"


def check(tool, package, runs_here, isa):
    """None if |package| does what it should, otherwise what went wrong."""
    name = package.stem
    if name in REFUSED:
        # Where the CPU is too old as well, that may be named first.
        problem = refusal(tool, package, REFUSED[name])
        return refusal(tool, package, isa) if problem and not runs_here \
            else problem
    if not runs_here:
        return refusal(tool, package, isa)
    problem = run_model(tool, package, name, "model",
                        f"{name}.expected.safetensors")
    if name in PACKED and problem and isa != NEEDS["avx2"][1]:
        return refusal(tool, package, PACKED[name])
    if name == "two" and not problem:
        problem = run_model(tool, package, name, "model2",
                            "two.model2.safetensors")
    return problem


def main():
    tool, verbose = sys.argv[1], "-v" in sys.argv
    flags = cpu_flags()
    passed = failed = skipped = 0
    for group, wanted in SETS.items():
        packages = sorted((GOLDEN / group).glob("*/*.pt2"))
        flag, isa = NEEDS[group]
        if len(packages) != wanted:
            print(f"{group}: {len(packages)} packages, not {wanted}")
            failed += 1
        if flag not in flags:
            print(f"{group}: this CPU has no {flag}: each must be refused for "
                  "that, none is run")
        for package in packages:
            key = (group, package.parent.name, package.stem)
            title = " ".join(key)
            if key in OTHER_WEIGHTS and flag in flags:
                skipped += 1
                print(f"SKIPPED {title}: made with other weights than the "
                      "answers")
                continue
            problem = check(tool, package, flag in flags, isa)
            if problem:
                failed += 1
                print(f"FAILED {title}: {problem}")
            else:
                passed += 1
                if verbose:
                    refused = package.stem in REFUSED or flag not in flags
                    print(f"{title}: "
                          f"{'refused rightly' if refused else 'right'}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


sys.exit(main())
