# SPDX-License-Identifier: Apache-2.0
"""The zoo beside stock PyTorch: ours / stock for each model, in one process.

    bench/zoo.py [--threads 1,2] [--rounds N] [NAME ...]

Outputs are compared before anything is timed. The two take turns, and the
ratio is that of each pair's times; the table shows its median and quartiles.
Stock is called through its loader's `run`, ours through ctypes: both cost some
microseconds that are not the model's.
"""
import argparse
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "zoo"), str(ROOT / "tests" / "support")]


def difference(ours, theirs):
    largest = 0.0
    for a, b in zip(ours, theirs):
        if b.numel():
            a, b = a.double(), b.double()
            largest = max(largest, ((a - b).abs() /
                                    b.abs().clamp_min(1.0)).max().item())
    return largest


def measure(name, threads, rounds):
    """One line of the table; runs in a process of its own."""
    import torch

    import build
    import pt2lib
    import test_zoo

    entry = build.entry_of(name)
    torch.set_num_threads(threads)
    pt2lib.check(pt2lib.lib.pt2_set_num_threads(threads))
    path = build.package(name, threads)
    torch.set_num_threads(threads)
    stock = torch._inductor.aoti_load_package(str(path)).loader
    ours = pt2lib.Model(path)
    inputs = test_zoo.leaves(entry.inputs)
    torch.manual_seed(1)
    pt2lib.lib.pt2_manual_seed(1)
    expected = stock.run(test_zoo.clone(inputs))
    got = [r for r in ours.run(test_zoo.clone(inputs)) if r is not None]
    expected = [e for e in expected if isinstance(e, torch.Tensor)]
    largest = difference(got, expected)
    handles = ours.handles(inputs)

    def run_ours():
        for handle in ours.run_handles(handles, len(inputs)):
            pt2lib.lib.pt2_tensor_release(handle)

    def timed(call, count):
        start = time.perf_counter()
        for _ in range(count):
            call()
        return (time.perf_counter() - start) / count

    run_stock = lambda: stock.run(inputs)
    timed(run_stock, 5), timed(run_ours, 5)
    count = max(1, int(0.02 / timed(run_stock, 3)))
    pairs = [(timed(run_ours, count), timed(run_stock, count))
             for _ in range(rounds)]
    ratios = sorted(a / b for a, b in pairs)
    quarter = len(ratios) // 4
    print(f"| {name} | {largest:.1e} | "
          f"{1e3 * statistics.median(a for a, _ in pairs):.3f} | "
          f"{1e3 * statistics.median(b for _, b in pairs):.3f} | "
          f"{statistics.median(ratios):.2f} "
          f"({ratios[quarter]:.2f}–{ratios[-1 - quarter]:.2f}) |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--one", action="store_true",
                        help="measure in this process")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    if arguments.one:
        measure(arguments.names[0], int(arguments.threads), arguments.rounds)
        return
    import models
    for threads in arguments.threads.split(","):
        print(f"\n{threads} thread(s)\n\n| model | largest difference "
              "(relative to max(1, |x|)) | ours ms | stock ms | ours / stock |\n"
              "| --- | --- | --- | --- | --- |", flush=True)
        for name in arguments.names or models.ZOO:
            done = subprocess.run(
                [sys.executable, __file__, "--one", "--threads", threads,
                 "--rounds", str(arguments.rounds), name],
                stderr=subprocess.PIPE, text=True)
            if done.returncode != 0:
                print(f"| {name} | failed: "
                      f"{done.stderr.strip().splitlines()[-1]} |", flush=True)


main()
