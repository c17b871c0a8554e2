# SPDX-License-Identifier: Apache-2.0
"""From process start to the first result: libpt2 beside stock PyTorch.

    bench/cold_start.py PACKAGE.pt2 --shape='(8,16)' [--rounds N]

Each round starts a fresh process of either, in turn, on one thread: ours is
bench/per_call with one run, stock is Python that imports torch, loads the
package and runs it once. Wall time and peak memory are the operating system's.
"""
import argparse
import os
import pathlib
import statistics
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
STOCK = """
import sys, torch
model = torch._inductor.aoti_load_package(sys.argv[1])
model.loader.run([torch.zeros(*eval(s)) for s in sys.argv[2:]])
"""


def once(command):
    """Seconds of wall time and peak memory in MB of |command|."""
    null = os.open(os.devnull, os.O_RDWR)
    start = time.perf_counter()
    pid = os.posix_spawn(command[0], command,
                         {**os.environ, "OMP_NUM_THREADS": "1"},
                         file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    os.close(null)
    if status != 0:
        sys.exit(f"{' '.join(command[:2])} failed ({status})")
    return wall, usage.ru_maxrss / 1e3


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package")
    parser.add_argument("--shape", action="append", required=True,
                        help="of each input, as in --shape='(8,16)'")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    ours = [str(ROOT / "build/release/bench/per_call"), arguments.package, "1"]
    stock = [sys.executable, "-c", STOCK, arguments.package,
             *arguments.shape]
    once(ours), once(stock)  # files into the page cache
    pairs = [(once(ours), once(stock)) for _ in range(arguments.rounds)]
    for name, side in (("pt2", 0), ("stock", 1)):
        walls = [pair[side][0] for pair in pairs]
        print(f"{name:6} wall {1e3 * statistics.median(walls):9.2f} ms "
              f"({1e3 * min(walls):.2f} to {1e3 * max(walls):.2f}), peak "
              f"{statistics.median(p[side][1] for p in pairs):7.1f} MB")
    ratios = sorted(pair[1][0] / pair[0][0] for pair in pairs)
    print(f"stock / pt2: {statistics.median(ratios):.0f} times the wall time "
          f"({ratios[0]:.0f} to {ratios[-1]:.0f})")


main()
