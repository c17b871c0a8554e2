#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Operators of the library against eager PyTorch, at usual sizes. One thread by
default, the worst ratio first.

    bench/ops/run.py [--threads=N] [--only=TEXT] [--library=PATH]

The other files here say what is measured: cases(torch, harness) yields a name, a
function of the C interface or an operator without one ("aten::…"), its arguments
in C order, the same call of PyTorch and the number of results. Both times are the best of many calls, taken in turns.
"""
import argparse
import ctypes
import importlib.util
import math
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
# Files here are named after operators; none may stand for a module of Python's.
sys.path[:] = [p for p in sys.path if pathlib.Path(p or ".").resolve() != HERE]
sys.path.insert(0, str(HERE.parents[1] / "tests/ops"))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="", help="part of a case's name")
    parser.add_argument("--library", help="libpt2.so to measure")
    return parser.parse_args()


def case_files():
    return sorted(path for path in HERE.glob("*.py")
                  if path.name != pathlib.Path(__file__).name)


def cases_of(path, torch, harness):
    spec = importlib.util.spec_from_file_location(f"bench_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    torch.manual_seed(0)
    yield from module.cases(torch, harness)


def best_us(run, seconds=0.1):
    run()
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best * 1e6


def ours_boxed(harness, symbol, args, outputs):
    function, user = harness.boxed_function(symbol)
    delete = harness.library().function("aoti_torch_delete_tensor_object")
    packed = harness.BoxedArguments(args)
    slots = (ctypes.c_void_p * outputs)()

    def run():
        if function(user, packed.c, packed.count, slots, outputs) != 0:
            raise RuntimeError(harness.library().message())
        for slot in slots:
            delete(slot)

    return run, packed


def ours(harness, symbol, args, outputs):
    if harness.is_boxed(symbol):
        return ours_boxed(harness, symbol, args, outputs)
    _, types = harness.signature(symbol)
    slots = [ctypes.c_void_p() for _ in range(outputs)]
    packed = harness.Arguments(types[:len(types) - outputs], args)
    function = harness.library().function(symbol)
    delete = harness.library().function("aoti_torch_delete_tensor_object")
    values = packed.c + [ctypes.addressof(slot) for slot in slots]

    def run():
        if function(*values) != 0:
            raise RuntimeError(harness.library().message())
        for slot in slots:
            delete(slot)

    return run, packed


def main():
    options = arguments()
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    if options.library:
        os.environ["PT2_LIBRARY"] = options.library
    import harness
    import torch
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    torch.set_grad_enabled(False)
    rows = []
    cases = (case for path in case_files()
             for case in cases_of(path, torch, harness))
    for name, symbol, args, theirs, outputs in cases:
        if options.only not in name:
            continue
        run, packed = ours(harness, symbol, args, outputs)
        mine, other = best_us(run), best_us(theirs)
        mine, other = min(mine, best_us(run)), min(other, best_us(theirs))
        packed.release()
        rows.append((mine / other, name, mine, other))
    rows.sort(reverse=True)
    print(f"{'operator':<44}{'pt2 us':>12}{'torch us':>12}{'ratio':>8}")
    for ratio, name, mine, other in rows:
        print(f"{name:<44}{mine:>12.1f}{other:>12.1f}{ratio:>8.2f}")
    mean = math.exp(sum(math.log(row[0]) for row in rows) / len(rows))
    print(f"{len(rows)} cases, {sum(r[0] > 1.2 for r in rows)} of them slower "
          f"than 1.2; geometric mean {mean:.2f}")


if __name__ == "__main__":
    main()
