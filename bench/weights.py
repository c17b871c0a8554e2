# SPDX-License-Identifier: Apache-2.0
"""Loading and memory of packages with 10 MB, 400 MB and 2 GB of weights: libpt2
beside the stock runner, and four processes with one package.

    bench/weights.py [--sizes 10,400,2000] [--rounds N] [--batch N]
                     [--processes N] [--folder FOLDER]

Packages (a few linear layers) are compiled by the torch that runs this script,
once, into FOLDER (build/bench-weights); 2 GB need some 10 GB of memory and 5 GB
of disk for that. Each measurement is a fresh process on one thread, the file in
the page cache. Times are medians; memory is the kernel's (smaps_rollup), in MB:
"loaded" before the first run, "ran" after two. What stock has before it loads
(torch itself) is told apart.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
OURS = ROOT / "build/release/bench/weights"
# MB: (layers, features), in f32.
NETWORKS = {10: (1, 1600), 400: (6, 4096), 2000: (32, 4096)}
STOCK = """
import json, sys, time, torch
def memory():
    sums = {"rss": 0, "pss": 0, "private": 0}
    for line in open("/proc/self/smaps_rollup"):
        word = line.split(":")[0]
        key = {"Rss": "rss", "Pss": "pss", "Private_Clean": "private",
               "Private_Dirty": "private"}.get(word)
        if key:
            sums[key] += float(line.split()[1]) / 1e3
    return sums
import torch._inductor.package  # else its first use would count as loading
torch.set_num_threads(1)
before, start = memory(), time.perf_counter()
model = torch._inductor.aoti_load_package(sys.argv[1])
loaded = time.perf_counter()
after, x = memory(), torch.zeros(*map(int, sys.argv[2:]))
def run():
    start = time.perf_counter()
    model.loader.run([x])
    return 1e3 * (time.perf_counter() - start)
first, second = run(), run()
print(json.dumps({"load_ms": 1e3 * (loaded - start), "first_ms": first,
                  "second_ms": second, "before": before, "loaded": after,
                  "ran": memory()}))
"""


def make(folder, size, batch):
    """The package of |size| MB, compiled if it is not there yet."""
    layers, features = NETWORKS[size]
    path = folder / f"weights-{size}-b{batch}.pt2"
    if path.exists():
        return path
    script = f"""
import torch
torch.manual_seed(0)
net = torch.nn.Sequential(*[
    module for _ in range({layers}) for module in (
        torch.nn.Linear({features}, {features}, bias=False), torch.nn.ReLU())])
with torch.no_grad():
    exported = torch.export.export(net.eval(), (torch.zeros({batch}, {features}),))
    torch._inductor.aoti_compile_and_package(exported, package_path={str(path)!r})
"""
    print(f"compiling {path.name}", file=sys.stderr)
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-c", script], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return path


ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def once(command):
    done = subprocess.run(list(map(str, command)), env=ENVIRONMENT,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[0])


def median(results, *keys):
    def value(result):
        for key in keys:
            result = result[key]
        return result
    return statistics.median(map(value, results))


def report(title, results):
    line = (f"{title:22} load {median(results, 'load_ms'):9.2f} ms, "
            f"first run {median(results, 'first_ms'):8.2f} ms, "
            f"second {median(results, 'second_ms'):8.2f} ms; resident "
            f"{median(results, 'loaded', 'rss'):7.1f} MB loaded, "
            f"{median(results, 'ran', 'rss'):7.1f} MB ran")
    if "before" in results[0]:
        line += f" ({median(results, 'before', 'rss'):.1f} MB before)"
    print(line)


def together(command, count):
    """Several processes with the same package at the same time."""
    processes = []
    for _ in range(count):
        process = subprocess.Popen(list(map(str, command)), env=ENVIRONMENT,
                                   stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, text=True)
        if not process.stdout.readline():
            sys.exit(f"{command[0]} failed")
        processes.append(process)
    sums = {"rss": 0, "pss": 0, "private": 0}
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
        for key, value in json.loads(process.stdout.readline())["now"].items():
            sums[key] += value
    for process in processes:
        process.stdin.close()
        process.wait()
    return sums


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10,400,2000")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--folder", type=pathlib.Path,
                        default=ROOT / "build/bench-weights")
    arguments = parser.parse_args()
    for size in map(int, arguments.sizes.split(",")):
        package = make(arguments.folder, size, arguments.batch)
        ours = [OURS, package]
        stock = [sys.executable, "-c", STOCK, package, arguments.batch,
                 NETWORKS[size][1]]
        # Both in turn, so that whatever else the machine does meets both.
        rounds = arguments.rounds if size < 2000 else 1
        once(ours)  # the file into the page cache
        pairs = [(once(ours), once(stock)) for _ in range(rounds)]
        megabytes = package.stat().st_size / 1e6
        print(f"{size} MB of weights (package of {megabytes:.0f} MB), "
              f"batch {arguments.batch}, {rounds} rounds")
        for side, name in enumerate(("pt2", "stock")):
            report(f"  {name}", [pair[side] for pair in pairs])
        if size == 400:
            sums = together(ours, arguments.processes)
            print(f"  {arguments.processes} processes of pt2: Pss "
                  f"{sums['pss']:.1f} MB in all, private {sums['private']:.1f} "
                  f"MB in all, resident {sums['rss']:.1f} MB as each counts it")


main()
