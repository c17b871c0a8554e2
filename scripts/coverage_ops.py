#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints operator x dtype: what PyTorch's own samples and ours showed.

    coverage_ops.py [--only TEXT] [--samples N]

For each function that a model of the cpu may import, and each operator that it
calls by name, three numbers for each dtype: calls that agree with PyTorch (passed),
calls that both refuse (refused), and calls that PyTorch runs and the library
refuses (missing). Zeros at the end are left out, `-` is none of them, and `!`
follows where results were wrong. A function that the library does not have is
absent, with the reason. Missing and wrong calls are listed at the end.

--only takes functions with TEXT in their name; --samples is how many of the
samples of each of PyTorch's OpInfos are run for each dtype.
"""
import argparse
import collections
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / folder)
                for folder in ("op_db", "ops", "support")]

import torch

import absent
import harness
import sweep

SHORT = {torch.float32: "f32", torch.float64: "f64", torch.float16: "f16",
         torch.bfloat16: "bf16", torch.complex64: "c64",
         torch.complex128: "c128", torch.int64: "i64", torch.int32: "i32",
         torch.int16: "i16", torch.int8: "i8", torch.uint8: "u8",
         torch.bool: "bool"}

# For the samples of an OpInfo and a dtype; the rest of them is left out.
SECONDS = 5


class Count:
    def __init__(self):
        self.passed, self.refused, self.failures = 0, 0, []

    def add(self, other):
        self.passed += other.passed
        self.refused += other.refused
        self.failures += other.failures

    def missing(self):
        """Of the failures, those where the library refused the call."""
        return [f for f in self.failures if "AssertionError: failed: " in f]

    def __str__(self):
        numbers = [self.passed, self.refused, len(self.missing())]
        while numbers and numbers[-1] == 0:
            numbers.pop()
        wrong = len(self.failures) > len(self.missing())
        return ("/".join(map(str, numbers)) or "-") + ("!" if wrong else "")


def own_samples(entry, dtype, tally):
    """Adds the calls of tests/ops."""
    make = harness.Make(dtype, seed=len(entry.symbol))
    for sample in entry.samples(make):
        if not isinstance(sample, harness.Sample):
            sample = harness.Sample(sample)
        try:
            harness.check_sample(entry, sample)
            tally.passed += 1
        except Exception as failure:
            tally.failures.append(
                f"tests/ops: {harness.describe(sample.args)}\n"
                f"    {type(failure).__name__}: {failure}")


def own_refusals(entry, tally):
    """Adds the calls of tests/ops that must fail."""
    make = harness.Make(entry.dtypes[0], seed=len(entry.symbol))
    for bad in entry.bad(make) if entry.bad else ():
        if not isinstance(bad, harness.Bad):
            bad = harness.Bad(*bad)
        try:
            harness.check_bad(entry, bad)
            tally.refused += bad.torch_refuses
        except Exception as failure:
            tally.failures.append(
                f"tests/ops, bad: {harness.describe(bad.args)}\n"
                f"    {type(failure).__name__}: {failure}")


def collect(only, samples):
    counts = collections.defaultdict(Count)
    for entry in harness.all_entries():
        if only not in entry.symbol:
            continue
        for dtype in entry.dtypes:
            own_samples(entry, dtype, counts[entry.symbol, dtype])
        own_refusals(entry, counts[entry.symbol, entry.dtypes[0]])
    table = {overload: entry for overload, entry in
             sweep.default_table().items() if only in entry.symbol}
    swept = sweep.run(names=sweep.names_that_reach(only), samples=samples,
                      seconds=SECONDS, table=table)
    for key, tally in swept.tallies.items():
        counts[key].add(tally)
    return counts


def print_table(counts, symbols):
    def row(name, cells):
        print(f"{name.removeprefix('aoti_torch_'):<62}"
              + "".join(f"{c:>14}" for c in cells))

    row("passed/refused/missing", SHORT.values())
    for symbol in symbols:
        if symbol in absent.OPERATORS:
            row(symbol, ["  absent: " + absent.OPERATORS[symbol]])
        else:
            row(symbol, [str(counts.get((symbol, d), Count())) for d in SHORT])
    totals = collections.defaultdict(Count)
    for (_, dtype), count in counts.items():
        totals[dtype].add(count)
    row("all", [str(totals[d]) for d in SHORT])


def print_failures(counts):
    for (symbol, dtype), count in sorted(counts.items(), key=str):
        for text in count.failures[:3]:
            print(f"\n{symbol} {SHORT.get(dtype, dtype)}: {text}")
        if len(count.failures) > 3:
            print(f"    … and {len(count.failures) - 3} more")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--samples", type=int, default=8)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    counts = collect(arguments.only, arguments.samples)
    by_name = {s for s, _ in counts if harness.is_boxed(s)}
    symbols = [*(s for s in absent.operators() if arguments.only in s),
               *sorted(by_name)]
    print_table(counts, symbols)
    print_failures(counts)
    total = Count()
    for count in counts.values():
        total.add(count)
    here = [s for s in symbols if s not in absent.OPERATORS]
    missing = len(total.missing())
    print(f"\n{len(here)} of {len(symbols)} operators, {len(by_name)} of them by "
          f"name; {total.passed} calls passed, {total.refused} are refused by "
          f"both, {missing} are missing, {len(total.failures) - missing} are "
          f"wrong")
    return 1 if total.failures else 0


if __name__ == "__main__":
    sys.exit(main())
