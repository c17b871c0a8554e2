# SPDX-License-Identifier: Apache-2.0
"""Draws how long a package takes for batches of several sizes, as SVG.

usage: latency.py PACKAGE.pt2 [-o latency.svg] [--batches 2,4,8] [--seconds 1]

The package must have a dynamic first dimension. Measured by the tool, `pt2
bench`; nothing but Python's standard library is needed.
"""
import argparse
import json
import math
import os
import subprocess
import sys

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 720, 440, 80, 60, 50, 170
SERIES = [("p50_us", "median", "#1f77b4"), ("p99_us", "99th percentile", "#ff7f0e"),
          ("each_us", "median, for each one", "#2ca02c")]


def tool(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr.strip())
    return json.loads(done.stdout)


def batch_dimension(program, package):
    """The symbol of the first input's first dimension, and its range."""
    model = tool(program, "info", package, "--json")["models"][0]
    for value in model["inputs"]:
        if value["dims"] and value["dims"][0]["symbol"]:
            dim = value["dims"][0]
            return dim["symbol"], dim["min"], dim["max"]
    sys.exit(f"{package}: no input has a dynamic first dimension")


def measure(program, package, symbol, batches, seconds):
    rows = []
    for batch in batches:
        row = tool(program, "bench", package, f"--dim={symbol}:{batch}",
                   f"--duration={seconds}", "--threads=1",
                   "--format=json")["rows"][0]
        row.update(batch=batch, each_us=row["p50_us"] / batch)
        rows.append(row)
        print(f"batch {batch}: {row['p50_us']:.1f} us, {row['each_us']:.2f} us each")
    return rows


def ticks(least, most, base):
    """Powers of |base| that enclose least and most."""
    first = math.floor(math.log(least, base) + 1e-9)
    last = max(math.ceil(math.log(most, base) - 1e-9), first + 1)
    return [float(base)**power for power in range(first, last + 1)]


def draw(rows, title):
    """Both axes are logarithmic: a straight line is a power."""
    values = [max(row[key], 1e-3) for row in rows for key, _, _ in SERIES]
    x_ticks = ticks(min(row["batch"] for row in rows),
                    max(row["batch"] for row in rows), 2)
    y_ticks = ticks(min(values), max(values), 10)

    def place(value, marks, start, length):
        span = math.log(marks[-1] / marks[0])
        return start + length * math.log(value / marks[0]) / span

    def x(value):
        return place(value, x_ticks, LEFT, WIDTH - LEFT - RIGHT)

    def y(value):
        return place(max(value, 1e-3), y_ticks, HEIGHT - BOTTOM, TOP + BOTTOM - HEIGHT)

    title = title.replace("&", "&amp;").replace("<", "&lt;")
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
             f'height="{HEIGHT}" font-family="sans-serif" font-size="12">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
             f'<text x="{LEFT}" y="30" font-size="16">{title}</text>']
    for mark in x_ticks:
        lines.append(f'<path d="M{x(mark):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>'
                     f'<text x="{x(mark):.1f}" y="{HEIGHT - BOTTOM + 18}" '
                     f'text-anchor="middle">{mark:g}</text>')
    for mark in y_ticks:
        lines.append(f'<path d="M{LEFT} {y(mark):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
                     f'<text x="{LEFT - 8}" y="{y(mark) + 4:.1f}" '
                     f'text-anchor="end">{mark:g}</text>')
    lines.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 15}" '
                 'text-anchor="middle">batch size</text>'
                 f'<text x="20" y="{TOP - 8}">microseconds</text>')
    for index, (key, name, colour) in enumerate(SERIES):
        points = " ".join(f"{x(row['batch']):.1f},{y(row[key]):.1f}" for row in rows)
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" '
                     'stroke-width="2"/>')
        lines.append(f'<text x="{WIDTH - RIGHT + 8}" y="{TOP + 20 * index + 10}" '
                     f'fill="{colour}">{name}</text>')
    return "\n".join([*lines, "</svg>\n"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package")
    parser.add_argument("-o", "--output", default="latency.svg")
    parser.add_argument("--batches", default="")
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--tool", default=os.environ.get("PT2_TOOL", "pt2"))
    arguments = parser.parse_args()
    symbol, least, most = batch_dimension(arguments.tool, arguments.package)
    batches = [int(text) for text in arguments.batches.split(",") if text]
    if not batches:
        batches = [size for size in (2**n for n in range(11)) if least <= size <= most]
    rows = measure(arguments.tool, arguments.package, symbol, batches,
                   arguments.seconds)
    with open(arguments.output, "w") as file:
        file.write(draw(rows, f"{os.path.basename(arguments.package)}, one thread"))
    print(f"drawn: {arguments.output}")


if __name__ == "__main__":
    main()
