# SPDX-License-Identifier: Apache-2.0
"""What a call costs in Python beside stock torch, in one process: microseconds
per call, the least of several rounds that take turns, and what of it is beyond
the call in C. Then the time of the imports, each in processes of their own.

    bench/python_call.py [PACKAGE.pt2] [--build build/release] [--rounds N]

The package must take one tensor; a small one, so that its kernels cost little.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
CALLS = 500


def microseconds(function):
    start = time.perf_counter()
    for _ in range(CALLS):
        function()
    return (time.perf_counter() - start) / CALLS * 1e6


def ways(package):
    """name -> call, of stock and of pt2."""
    import numpy
    import torch
    import pt2
    stock = torch._inductor.aoti_load_package(package)
    ours = pt2.load_package(package)
    given, = ours.inputs
    sizes = [d if isinstance(d, int) else d.min for d in given.shape]
    x = torch.ones(sizes, dtype=getattr(torch, given.dtype))
    array = x.numpy()
    tensor = pt2.from_dlpack(array)
    assert torch.equal(stock(x), ours(x))
    assert numpy.array_equal(stock(x).numpy(), ours(array))
    return {
        "an empty function": lambda: None,
        "stock loader.run, torch": lambda: stock.loader.run([x]),
        "stock loader.boxed_run, torch": lambda: stock.loader.boxed_run([x]),
        "stock __call__, torch": lambda: stock(x),
        "pt2 loader.run, torch": lambda: ours.loader.run([x]),
        "pt2 loader.boxed_run, torch": lambda: ours.loader.boxed_run([x]),
        "pt2 __call__, torch": lambda: ours(x),
        "pt2 loader.run, numpy": lambda: ours.loader.run([array]),
        "pt2 __call__, numpy": lambda: ours(array),
        "pt2 loader.run, pt2.Tensor": lambda: ours.loader.run([tensor]),
        "pt2 __call__, pt2.Tensor": lambda: ours(tensor),
    }


def in_c(build, package):
    """The call in C, pt2_runner_run, by the program that measures it; over as
    many calls, so that the least of several means the same."""
    program = build / "bench/per_call"
    if not program.exists():
        return None
    done = subprocess.run([program, package, str(CALLS)], check=True,
                          capture_output=True, text=True)
    return float(re.search(r"([\d.]+) us per run", done.stdout).group(1))


def import_seconds(module, folder, rounds):
    program = ("import sys, time; start = time.perf_counter(); "
               f"import {module}; print(time.perf_counter() - start)")
    return min(float(subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True,
        text=True, env={"PYTHONPATH": folder}).stdout)
        for _ in range(rounds))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", nargs="?", default=str(
        ROOT / "build/golden/avx2/2.15.0/add.pt2"))
    parser.add_argument("--build", default=str(ROOT / "build/release"))
    parser.add_argument("--rounds", type=int, default=60)
    arguments = parser.parse_args()
    build = pathlib.Path(arguments.build)
    sys.path.insert(0, str(build / "python"))
    calls = ways(arguments.package)
    least = {name: float("inf") for name in calls}
    c_cost = float("inf")
    for _ in range(arguments.rounds):
        for name, call in calls.items():
            least[name] = min(least[name], microseconds(call))
        c_cost = min(c_cost, in_c(build, arguments.package) or c_cost)
    print(f"{'':30} {'us':>7} {'beyond C':>9}")
    if c_cost < float("inf"):
        print(f"{'pt2_runner_run in C':30} {c_cost:7.2f}")
    for name, value in least.items():
        beyond = (f"{value - c_cost:9.2f}"
                  if name.startswith("pt2") and c_cost < float("inf") else "")
        print(f"{name:30} {value:7.2f} {beyond}")
    for module, rounds in (("pt2", 5), ("numpy", 3), ("torch", 2)):
        seconds = import_seconds(module, str(build / "python"), rounds)
        print(f"import {module:24} {seconds * 1e3:7.1f} ms")


main()
