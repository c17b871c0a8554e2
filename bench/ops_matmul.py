# SPDX-License-Identifier: Apache-2.0
"""Matrix products of the library beside eager PyTorch, worst first.

    bench/ops_matmul.py [--threads 1,2] [--seconds 0.2] [--build build/release]

Three forms of the second operand: a constant weight [n, k], packed once; the
same where it may change; a [k, n] that may change. PyTorch has no constants:
the first two stand beside its product with a transposed weight. Times are the
least of many calls in microseconds; oneDNN's is with the weight as it likes it.
"""
import argparse
import pathlib
import subprocess
import time

import torch

ROOT = pathlib.Path(__file__).resolve().parents[1]
FORMS = ("constant", "columns", "rows")
SIZES = [(1, 8, 32, 16), (1, 32, 10, 64), (1, 64, 64, 64), (1, 1, 768, 768),
         (1, 8, 768, 768), (1, 16, 768, 768), (1, 128, 768, 768),
         (1, 128, 3072, 768), (1, 128, 768, 3072), (1, 512, 512, 512),
         (1, 1024, 64, 576), (1, 49, 512, 2048), (12, 128, 128, 64),
         (12, 128, 64, 128)]


def least_time(run, seconds):
    count, least, end = 1, float("inf"), time.perf_counter() + seconds
    while True:
        begin = time.perf_counter()
        for _ in range(count):
            run()
        spent = time.perf_counter() - begin
        if spent < 2e-4:
            count *= 2
            continue
        least = min(least, spent / count * 1e6)
        if time.perf_counter() > end:
            return least


def time_torch(form, size, seconds):
    batch, m, n, k = size
    lead = [batch] if batch > 1 else []
    a, out = torch.randn(*lead, m, k), torch.empty(*lead, m, n)
    b = (torch.randn(*lead, k, n) if form == "rows"
         else torch.randn(*lead, n, k).transpose(-1, -2))
    product = torch.bmm if batch > 1 else torch.mm
    return least_time(lambda: product(a, b, out=out), seconds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--seconds", type=float, default=0.2)
    parser.add_argument("--build", default="build/release")
    options = parser.parse_args()
    program = ROOT / options.build / "bench/ops_matmul"

    def ours(form, threads, size):
        command = [program, form, threads, options.seconds, *size]
        done = subprocess.run([str(c) for c in command], capture_output=True,
                              text=True)
        return float(done.stdout) if done.returncode == 0 else float("nan")

    for threads in map(int, options.threads.split(",")):
        torch.set_num_threads(threads)
        rows = []
        for size in SIZES:
            for form in FORMS:
                if form == "constant" and size[0] > 1:
                    continue
                mine = ours(form, threads, size)
                theirs = time_torch(form, size, options.seconds)
                rows.append((mine / theirs, size, form, mine, theirs))
        print(f"\n{threads} thread(s)\n\n| b×m×n×k | B | ours µs | torch µs | "
              "ours / torch |\n|---|---|---|---|---|")
        for ratio, size, form, mine, theirs in sorted(rows)[::-1]:
            print(f"| {'×'.join(map(str, size))} | {form} | {mine:.2f} | "
                  f"{theirs:.2f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
