# SPDX-License-Identifier: Apache-2.0
"""Requests per second of a server's shape: threads that share one runner with
one or two instances of the model, libpt2 beside the stock loader in C++.

    bench/requests.py [--concurrency N] [--runners 1,2] [--rounds N]
                      [--seconds S] [NAME ...]

NAME is a model of tests/zoo, compiled for one thread, or a package's path. Both
get zeros; each round is a fresh process of either, in turn, and the ratio is
that of each pair. Stock is bench/stock/requests.cpp, a C++ program with
libtorch, made by bench/stock/build.py.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "zoo"), str(ROOT / "tests" / "support")]
OURS = ROOT / "build/release/pt2"
STOCK = ROOT / "build/bench-stock/requests"
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
MODELS = ["mlp_small", "mlp_batch1", "gpt_step", "encoder"]


def output_of(command):
    done = subprocess.run(list(map(str, command)), env=ENVIRONMENT, text=True,
                          capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def package_of(name):
    if name.endswith(".pt2"):
        return pathlib.Path(name)
    import build
    return build.package(name, 1)


def shapes_of(package):
    """The inputs' (dtype, sizes), the smallest sizes that are allowed."""
    model = output_of([OURS, "info", "--json", package])["models"][0]
    return [(entry["dtype"], [dim["min"] for dim in entry["dims"]])
            for entry in model["inputs"]]


def our_rate(package, shapes, runners, concurrency, seconds):
    specs = ["".join(f"{size}x" for size in sizes) + dtype +
             ("" if sizes else "=0") for dtype, sizes in shapes]
    report = output_of([OURS, "bench", package, "-o", "json", "--threads=1",
                        f"--runners={runners}", f"--concurrency={concurrency}",
                        f"--duration={seconds}", "--warmup=20",
                        *(f"--input={spec}" for spec in specs)])
    return report["rows"][0]["requests_per_second"]


def stock_rate(package, shapes, runners, concurrency, seconds):
    specs = [f"{dtype}:" + "x".join(map(str, sizes)) for dtype, sizes in shapes]
    return output_of([STOCK, package, runners, concurrency, seconds,
                      *specs])["requests_per_second"]


def measure(name, runners, arguments):
    package = package_of(name)
    shapes = shapes_of(package)
    setting = (package, shapes, runners, arguments.concurrency,
               arguments.seconds)
    pairs = [(our_rate(*setting), stock_rate(*setting))
             for _ in range(arguments.rounds)]
    ratios = sorted(ours / stock for ours, stock in pairs)
    print(f"| {pathlib.Path(name).stem} | {runners} | "
          f"{statistics.median(a for a, _ in pairs):.0f} | "
          f"{statistics.median(b for _, b in pairs):.0f} | "
          f"{statistics.median(ratios):.2f} "
          f"({ratios[0]:.2f}–{ratios[-1]:.2f}) |", flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--concurrency", type=int, default=2)
    parser.add_argument("--runners", default="1,2")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    if not STOCK.exists():
        subprocess.run([sys.executable, ROOT / "bench/stock/build.py"],
                       check=True, stdout=subprocess.DEVNULL)
    print(f"{arguments.concurrency} threads\n\n| model | instances | pt2 req/s "
          "| stock req/s | pt2 / stock |\n| --- | --- | --- | --- | --- |")
    for name in arguments.names or MODELS:
        for runners in map(int, arguments.runners.split(",")):
            measure(name, runners, arguments)


main()
