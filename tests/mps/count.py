#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kernels and command buffers of a run, ours beside PyTorch's:

    count.py FOLDER [TEST PLUGIN]     a table for docs, one line a package

FOLDER has the packages (build/mps/packages). Ours are counted by running TEST
(test_mps_packages) with PLUGIN. PyTorch's are not run but read: of a model's
own code the dispatches of its run_impl, which are PyTorch's too, and of
PyTorch's sources how often its stream commits (docs/mac.md says how).
"""
import pathlib
import re
import subprocess
import sys
import zipfile

# Operators of PyTorch's mps that wait for the GPU, since sizes of their results
# are data, each once. A model calls index only with masks.
WAITING = ("nonzero", "masked_select", "repeat_interleave_Tensor",
           "index_Tensor")
NO_OPERATORS = ("dispatch", "start_encoding", "set_arg", "run_command_block",
                "shared_callback", "malloc", "free", "memcpy", "copy_buffer")


def read_model(path):
    """(dispatches, {operator: calls}, waits) of a run, by the source in it."""
    with zipfile.ZipFile(path) as archive:
        name, = (n for n in archive.namelist() if n.endswith("wrapper.cpp"))
        text = archive.read(name).decode()
    run = text[text.index("::run_impl("):]
    dispatches, operators = 0, {}
    for call in re.findall(r"\baoti_torch_mps_(\w+)\(", run):
        if call.startswith("dispatch"):
            dispatches += 1
        elif not call.startswith(NO_OPERATORS):
            operators[call] = operators.get(call, 0) + 1
    proxied = run.count("aoti_torch_proxy_executor_call_function(")
    if proxied:
        operators["by the proxy executor"] = proxied
    waits = len(re.findall(r"\baoti_torch_item_\w+\(", run))
    waits += sum(operators.get(name, 0) for name in WAITING)
    return dispatches, operators, waits


def run_ours(test, plugin, folder):
    """{package: (kernels, command buffers)}"""
    said = subprocess.run([test, plugin, folder], capture_output=True,
                          text=True, check=True)
    return {name: (int(kernels), int(buffers)) for name, kernels, buffers in
            re.findall(r"^(\w+) +(\d+) kernels, (\d+) command buffers",
                       said.stdout + said.stderr, re.M)}


def main():
    folder = pathlib.Path(sys.argv[1])
    ours = run_ours(sys.argv[2], sys.argv[3], folder) if sys.argv[3:] else {}
    print("| package | kernels of the model | operators it calls | ours: kernels"
          " | ours: command buffers | PyTorch's: command buffers |")
    print("|---|---|---|---|---|---|")
    for path in sorted(folder.glob("*.pt2")):
        if path.name.endswith(".cpu.pt2"):
            continue
        dispatches, operators, waits = read_model(path)
        kernels, buffers = ours.get(path.stem, ("", ""))
        called = ", ".join(f"{n} {name}" for name, n in
                           sorted(operators.items()))
        print(f"| {path.stem} | {dispatches} | {called or 'none'} | {kernels} |"
              f" {buffers} | {1 + waits} |")
    return 0


sys.exit(main())
