#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Layers of image models: the library's convolution beside eager PyTorch's.

    bench/ops_conv.py [--threads=1] [--layout=channels_last|contiguous]

Times are the best of many calls, in microseconds; worst ratio first. The weight
is a tensor like any other here, as it is where a model lays its weights out
again at each run; constants are packed once and save the packing besides.
"oneDNN" is PyTorch's oneDNN with the weight packed beforehand.
"""
import argparse
import ctypes
import math
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent
                       / "tests/ops"))

# name, input channels, output channels, size, kernel, stride, padding, groups
LAYERS = [
    ("7x7/2 3-64 @224", 3, 64, 224, 7, 2, 3, 1),
    ("1x1 64-64 @56", 64, 64, 56, 1, 1, 0, 1),
    ("3x3 64-64 @56", 64, 64, 56, 3, 1, 1, 1),
    ("1x1 64-256 @56", 64, 256, 56, 1, 1, 0, 1),
    ("1x1 256-64 @56", 256, 64, 56, 1, 1, 0, 1),
    ("3x3/2 128-128 @56", 128, 128, 56, 3, 2, 1, 1),
    ("1x1/2 256-512 @56", 256, 512, 56, 1, 2, 0, 1),
    ("1x1 512-128 @28", 512, 128, 28, 1, 1, 0, 1),
    ("3x3 128-128 @28", 128, 128, 28, 3, 1, 1, 1),
    ("1x1 128-512 @28", 128, 512, 28, 1, 1, 0, 1),
    ("3x3/2 256-256 @28", 256, 256, 28, 3, 2, 1, 1),
    ("3x3 256-256 @14", 256, 256, 14, 3, 1, 1, 1),
    ("1x1 1024-256 @14", 1024, 256, 14, 1, 1, 0, 1),
    ("1x1 256-1024 @14", 256, 1024, 14, 1, 1, 0, 1),
    ("3x3/2 512-512 @14", 512, 512, 14, 3, 2, 1, 1),
    ("3x3 512-512 @7", 512, 512, 7, 3, 1, 1, 1),
    ("1x1 2048-512 @7", 2048, 512, 7, 1, 1, 0, 1),
    ("1x1 512-2048 @7", 512, 2048, 7, 1, 1, 0, 1),
    ("depthwise 3x3 32 @112", 32, 32, 112, 3, 1, 1, 32),
    ("depthwise 3x3/2 64 @112", 64, 64, 112, 3, 2, 1, 64),
    ("depthwise 5x5 120 @28", 120, 120, 28, 5, 1, 2, 120),
    ("depthwise 3x3 512 @14", 512, 512, 14, 3, 1, 1, 512),
    ("depthwise 5x5 960 @7", 960, 960, 7, 5, 1, 2, 960),
    ("3x3 128-128 in 32 groups @28", 128, 128, 28, 3, 1, 1, 32),
    ("3x3 1-24 @8", 1, 24, 8, 3, 1, 1, 1),
    ("3x3 24-48 @4", 24, 48, 4, 3, 1, 1, 1),
]


def best_us(call):
    call()
    start = time.perf_counter()
    call()
    once = time.perf_counter() - start
    least = once
    for _ in range(max(5, min(300, int(0.1 / max(once, 1e-6))))):
        start = time.perf_counter()
        call()
        least = min(least, time.perf_counter() - start)
    return least * 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--layout", default="channels_last",
                        choices=("channels_last", "contiguous"))
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    import torch
    import harness
    torch.set_num_threads(options.threads)
    torch.set_grad_enabled(False)
    symbol = "aoti_torch_cpu_convolution"
    function = harness.library().function(symbol)
    release = harness.library().function("aoti_torch_delete_tensor_object")
    types = harness.signature(symbol)[1][:-1]
    form = getattr(torch, options.layout if options.layout != "contiguous"
                   else "contiguous_format")
    rows = []
    for name, ci, co, size, k, stride, padding, groups in LAYERS:
        x = torch.randn(1, ci, size, size).to(memory_format=form)
        w = (torch.randn(co, ci // groups, k, k) * 0.05).to(memory_format=form)
        values = (x, w, torch.randn(co), [stride] * 2, [padding] * 2, [1, 1],
                  False, [0, 0], groups)
        args = harness.Arguments(types, values)
        out = ctypes.c_void_p()

        def ours():
            if function(*args.c, ctypes.byref(out)) != 0:
                raise RuntimeError(harness.library().message())
            release(out)

        times = [best_us(lambda: torch.ops.aten.convolution(*values)),
                 best_us(ours)]
        if options.layout == "channels_last":
            packed = torch.ops.mkldnn._reorder_convolution_weight(
                w, [padding] * 2, [stride] * 2, [1, 1], groups, x.shape)
            times.append(best_us(
                lambda: torch.ops.mkldnn._convolution_pointwise(
                    x, packed, values[2], [padding] * 2, [stride] * 2, [1, 1],
                    groups, "none", [], "")))
        args.release()
        rows.append((times[1] / times[0], name, times))
    rows.sort(reverse=True)
    print("| layer | torch | pt2 | oneDNN | pt2 / torch |")
    print("|---|---:|---:|---:|---:|")
    for ratio, name, times in rows:
        packed = f"{times[2]:.0f}" if len(times) > 2 else ""
        print(f"| {name} | {times[0]:.0f} | {times[1]:.0f} | {packed} "
              f"| {ratio:.2f} |")
    mean = math.exp(sum(math.log(r[0]) for r in rows) / len(rows))
    print(f"| geometric mean | | | | {mean:.2f} |")


if __name__ == "__main__":
    main()
