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

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests/ops"), str(HERE / "ops")]

from convolution import LAYERS

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
