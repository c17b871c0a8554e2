#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints operator x dtype: what PyTorch's own samples and ours showed.

    coverage_ops.py [--only TEXT] [--samples N]

For each function that a model of the cpu may import, and each operator that it
calls by name: `N` calls that agree with PyTorch; `r` where both refuse all
calls; `N?` calls missing, which PyTorch runs and the library refuses; `N!` that
are wrong; `-` where there was no call. A function that the library does not have
is absent, with the reason. Missing and wrong calls are listed at the end.
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


class Count:
    def __init__(self):
        self.passed, self.refused, self.failures = 0, 0, []

    def missing(self):
        """Of the failures, those where the library refused the call."""
        return [f for f in self.failures if "AssertionError: failed: " in f]


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


def collect(only, samples):
    counts = collections.defaultdict(Count)
    for entry in harness.all_entries():
        for dtype in entry.dtypes if only in entry.symbol else ():
            own_samples(entry, dtype, counts[entry.symbol, dtype])
    table = {overload: entry for overload, entry in
             sweep.default_table().items() if only in entry.symbol}
    swept = sweep.run(samples=samples, table=table)
    for key, tally in swept.tallies.items():
        counts[key].passed += tally.passed
        counts[key].refused += tally.refused
        counts[key].failures += tally.failures
    return counts


def cell(counts, symbol, dtype):
    count = counts.get((symbol, dtype), Count())
    missing = len(count.missing())
    if len(count.failures) > missing:
        return f"{len(count.failures) - missing}!"
    if missing:
        return f"{missing}?"
    return str(count.passed) if count.passed else "r" if count.refused else "-"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--samples", type=int, default=8)
    arguments = parser.parse_args()
    counts = collect(arguments.only, arguments.samples)
    print(f"{'function':<62}" + "".join(f"{n:>6}" for n in SHORT.values()))
    by_name = {s for s, _ in counts if harness.is_boxed(s)}
    symbols = [*(s for s in absent.operators() if arguments.only in s),
               *sorted(by_name)]
    for symbol in symbols:
        row = ("absent: " + absent.OPERATORS[symbol]
               if symbol in absent.OPERATORS else
               "".join(f"{cell(counts, symbol, d):>6}" for d in SHORT))
        print(f"{symbol.removeprefix('aoti_torch_'):<62}{row}")
    failed = 0
    for (symbol, dtype), count in sorted(counts.items(), key=str):
        failed += len(count.failures)
        for text in count.failures[:3]:
            print(f"\n{symbol} {SHORT.get(dtype, dtype)}: {text}")
    here = [s for s in symbols if s not in absent.OPERATORS]
    missing = sum(len(c.missing()) for c in counts.values())
    print(f"\n{len(here)} of {len(symbols)} operators, {len(by_name)} of them by "
          f"name; {sum(c.passed for c in counts.values())} calls agree, "
          f"{sum(c.refused for c in counts.values())} are refused by both, "
          f"{missing} are missing, {failed - missing} are wrong")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
