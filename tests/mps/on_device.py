#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compiles the models of models.py where the device really is, with the PyTorch
of this Python, and runs each by PyTorch and by pt2.

    on_device.py [--device mps] [--tool build/release/pt2] [--folder FOLDER]
                 [MODEL …]

Ends with `N passed, N failed, N skipped`. For Macs: scripts/check_mac.sh. With
--device cpu it runs anywhere.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import torch
from safetensors.torch import load_file, save_file

from models import models

ROOT = pathlib.Path(__file__).resolve().parents[2]
# As in test_mps_packages.c: kernels of a GPU add in another order.
TOLERANCE = {torch.float32: 2e-5, torch.float16: 4e-3, torch.bfloat16: 2e-2}


def compile_model(model, inputs, dynamic, device, path):
    exported = torch.export.export(
        model.to(device), tuple(t.to(device) for t in inputs),
        dynamic_shapes=dynamic)
    return torch._inductor.aoti_compile_and_package(exported,
                                                    package_path=str(path))


def keyed(tensors):
    return {str(i): t.detach().cpu().contiguous().clone()
            for i, t in enumerate(tensors)}


def by_pt2(tool, package, inputs, folder):
    """The results, as {index: tensor}."""
    save_file(keyed(inputs), folder / "in.safetensors")
    done = subprocess.run(
        [tool, "run", package, f"--input=@{folder}/in.safetensors",
         f"--output=@{folder}/out.safetensors", "--json"],
        capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    json.loads(done.stdout)
    return load_file(folder / "out.safetensors")


def largest_difference(wanted, got):
    """None if they agree, else what differs."""
    if (wanted.dtype, wanted.shape) != (got.dtype, got.shape):
        return f"{got.dtype} {list(got.shape)}, not {wanted.dtype} " \
               f"{list(wanted.shape)}"
    tolerance = TOLERANCE.get(wanted.dtype, 0)
    if torch.allclose(wanted.double(), got.double(), tolerance, tolerance,
                      equal_nan=True):
        return None
    return f"largest difference {(wanted.double() - got.double()).abs().max()}"


def check(name, entry, arguments, folder):
    """What is wrong with one model; empty if nothing is."""
    torch.manual_seed(0)
    model, inputs, dynamic, others = entry()
    model.eval()
    path = folder / f"{name}.pt2"
    problems = []
    with torch.no_grad():
        cases = [(i, model(*i)) for i in (inputs, others) if i is not None]
        package = compile_model(model, inputs, dynamic, arguments.device, path)
        stock = torch._inductor.aoti_load_package(package)
        for given, eager in cases:
            eager = [eager] if isinstance(eager, torch.Tensor) else list(eager)
            theirs = stock(*(t.to(arguments.device) for t in given))
            theirs = [theirs] if isinstance(theirs, torch.Tensor) else theirs
            ours = by_pt2(arguments.tool, package, given, folder)
            for i, (wanted, stocks) in enumerate(zip(eager, theirs)):
                for who, result in (("eager", wanted), ("stock", stocks.cpu())):
                    wrong = largest_difference(result, ours[str(i)])
                    if wrong:
                        problems.append(f"output {i} beside {who}: {wrong}")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="mps")
    parser.add_argument("--tool", default=str(ROOT / "build/release/pt2"))
    parser.add_argument("--folder", type=pathlib.Path)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    if arguments.device == "mps" and not torch.backends.mps.is_available():
        sys.exit("this PyTorch sees no mps device here")
    catalogue = models()
    folder = arguments.folder or pathlib.Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    names = arguments.names or list(catalogue)
    for name in names:
        try:
            problems = check(name, catalogue[name], arguments, folder)
        except Exception as error:  # the others are still worth running
            problems = [f"{type(error).__name__}: {error}"]
        failed += bool(problems)
        print(f"{name}: {'; '.join(problems) or 'good'}", flush=True)
    print(f"{len(names) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


sys.exit(main())
