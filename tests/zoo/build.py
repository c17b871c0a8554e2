# SPDX-License-Identifier: Apache-2.0
"""Compiles the zoo with stock PyTorch into build/zoo, once for each content.

    build.py [--threads N] [NAME ...]
"""
import argparse
import hashlib
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import torch
import torch._inductor

import models

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "zoo"


def entry_of(name):
    torch.manual_seed(1234)
    entry = models.entry_of(name)
    entry.module.eval()
    return entry


def cpu_key():
    """-march=native: a package is good for CPUs with the same flags."""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("flags", "Features")):
            return line
    return ""


def package(name, threads=2):
    """The path of |name|'s package, compiled if it is not there."""
    text = "\n".join([models.source_of(name), torch.__version__, str(threads),
                      cpu_key()])
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    path = OUT / f"{name}-t{threads}-{digest}.pt2"
    if not path.exists():
        OUT.mkdir(parents=True, exist_ok=True)
        compile_package(entry_of(name), path, threads)
    return path


def compile_package(entry, path, threads):
    with torch.no_grad():
        exported = torch.export.export(entry.module, entry.inputs,
                                       dynamic_shapes=entry.dynamic_shapes)
    torch.set_num_threads(threads)
    options = dict(entry.options)
    options["cpp.threads"] = threads
    partial = path.with_suffix(".partial.pt2")
    with torch.no_grad():  # gradients would rule freezing out
        torch._inductor.aoti_compile_and_package(
            exported, package_path=str(partial), inductor_configs=options)
    partial.rename(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    failed = 0
    for name in arguments.names or [*models.ZOO, *models.BATCHES]:
        start = time.monotonic()
        try:
            path = package(name, arguments.threads)
        except Exception as error:  # one bad model must not hide the others
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
            failed += 1
            continue
        print(f"{name}: {path.stat().st_size / 1e6:.2f} MB, "
              f"{time.monotonic() - start:.0f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
