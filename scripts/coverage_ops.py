#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints operator x dtype: what PyTorch's own samples and ours showed.

    coverage_ops.py [--only TEXT] [--samples N]

For each function that a model of the cpu may import: `N` calls that agree with
PyTorch, `-` where neither runs the dtype, `wrong`, or `absent` for a function
that the library does not have. The summary closes with the absent ones and why.
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


def own_samples(entry, dtype):
    """Calls of tests/ops that agree, and that do not."""
    count = 0
    failures = 0
    make = harness.Make(dtype, seed=len(entry.symbol))
    for count, sample in enumerate(entry.samples(make), 1):
        if not isinstance(sample, harness.Sample):
            sample = harness.Sample(sample)
        try:
            harness.check_sample(entry, sample)
        except Exception:
            failures += 1
    return count - failures, failures


def collect(only, samples):
    counts = collections.defaultdict(lambda: [0, 0, 0])
    for entry in harness.all_entries():
        for dtype in entry.dtypes if only in entry.symbol else ():
            good, bad = own_samples(entry, dtype)
            counts[entry.symbol, dtype][0] += good
            counts[entry.symbol, dtype][2] += bad
    table = {overload: entry for overload, entry in
             sweep.default_table().items() if only in entry.symbol}
    swept = sweep.run(samples=samples, table=table)
    for (symbol, dtype), tally in swept.tallies.items():
        counts[symbol, dtype][0] += tally.passed
        counts[symbol, dtype][1] += tally.refused
        counts[symbol, dtype][2] += len(tally.failures)
    return counts


def cell(counts, symbol, dtype):
    good, refused, wrong = counts.get((symbol, dtype), (0, 0, 0))
    if wrong:
        return f"{wrong}!"
    return str(good) if good else "-"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--samples", type=int, default=8)
    arguments = parser.parse_args()
    counts = collect(arguments.only, arguments.samples)
    print(f"{'function':<62}" + "".join(f"{n:>6}" for n in SHORT.values()))
    symbols = [s for s in absent.operators() if arguments.only in s]
    for symbol in symbols:
        row = ("absent: " + absent.OPERATORS[symbol]
               if symbol in absent.OPERATORS else
               "".join(f"{cell(counts, symbol, d):>6}" for d in SHORT))
        print(f"{symbol.removeprefix('aoti_torch_'):<62}{row}")
    here = [s for s in symbols if s not in absent.OPERATORS]
    print(f"\n{len(here)} functions of {len(symbols)}; "
          f"{sum(c[0] for c in counts.values())} calls agree, "
          f"{sum(c[1] for c in counts.values())} are refused by both, "
          f"{sum(c[2] for c in counts.values())} are wrong")
    return 1 if any(c[2] for c in counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
