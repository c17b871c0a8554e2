# SPDX-License-Identifier: Apache-2.0
"""What one warm run of a package costs: instructions by object file (callgrind)
and heap allocations (memcheck's count), as the difference of two long runs.

    bench/per_call.py PACKAGE.pt2 [--build build/release]
"""
import argparse
import collections
import pathlib
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
FEW, MANY = 200, 1200


def instructions(program, package, count, folder):
    out = pathlib.Path(folder) / f"callgrind.{count}"
    subprocess.run(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
                    program, package, str(count)], check=True,
                   capture_output=True)
    totals = collections.Counter()
    names, current, skip = {}, None, False
    for line in out.read_text().splitlines():
        found = re.match(r"ob=\((\d+)\)(?: (.*))?", line)
        if found:
            if found.group(2):
                names[found.group(1)] = found.group(2)
            current = names[found.group(1)]
        elif line.startswith("cob="):
            found = re.match(r"cob=\((\d+)\)(?: (.*))?", line)
            if found.group(2):
                names[found.group(1)] = found.group(2)
        elif line.startswith("calls="):
            skip = True  # the next line is the callee's cost
        elif re.match(r"[+\-*\d]", line):
            if not skip:
                totals[current] += int(line.split()[1])
            skip = False
    return totals


def allocations(program, package, count):
    done = subprocess.run(["valgrind", "--tool=memcheck", "--leak-check=no",
                           program, package, str(count)], check=True,
                          capture_output=True, text=True)
    found = re.search(r"total heap usage: ([\d,]+) allocs", done.stderr)
    return int(found.group(1).replace(",", ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package")
    parser.add_argument("--build", default=str(ROOT / "build/release"))
    arguments = parser.parse_args()
    program = str(pathlib.Path(arguments.build) / "bench/per_call")
    print(subprocess.run([program, arguments.package, "20000"], check=True,
                         capture_output=True, text=True).stdout.strip())
    with tempfile.TemporaryDirectory() as folder:
        few = instructions(program, arguments.package, FEW, folder)
        many = instructions(program, arguments.package, MANY, folder)
    for name, total in many.most_common():
        share = (total - few[name]) / (MANY - FEW)
        if share >= 1:
            print(f"{share:10.0f} instructions per run  {name}")
    extra = (allocations(program, arguments.package, MANY) -
             allocations(program, arguments.package, FEW))
    print(f"{extra / (MANY - FEW):10.3f} heap allocations per run")


main()
