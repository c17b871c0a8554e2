# SPDX-License-Identifier: Apache-2.0
"""Compiles the zoo with stock PyTorch into build/zoo, once for each content.

    build.py [--threads N] [NAME ...]

A model that stock PyTorch fails to compile is compiled once more by a new process
with an empty cache. If that fails too the reason is kept, and the model's tests are
skipped with it: there is nothing to compare. More than MOST_FAILURES are a failure.
"""
import argparse
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

# Where it is set, inductor takes itself to be tested and refuses to leave an
# operator uncompiled (as the zoo's batches ask) that could be decomposed.
os.environ.pop("CI", None)

import torch
import torch._inductor

import models

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "zoo"
MOST_FAILURES = 2


class StockFailed(Exception):
    """Stock PyTorch did not compile a model here, twice."""


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


def path_of(name, threads):
    text = "\n".join([models.source_of(name), torch.__version__, str(threads),
                      cpu_key()])
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return OUT / f"{name}-t{threads}-{digest}.pt2"


def package(name, threads=2):
    """The path of |name|'s package, compiled if it is not there. Raises
    StockFailed, at once if it was tried before."""
    path = path_of(name, threads)
    failed = path.with_suffix(".failed")
    if failed.exists():
        raise StockFailed(failed.read_text())
    if not path.exists():
        OUT.mkdir(parents=True, exist_ok=True)
        entry = entry_of(name)
        try:
            compile_package(entry, path, threads)
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
            if not compiled_by_new_process(name, path, threads):
                failed.write_text(f"{name}: {reason(error)}")
                raise StockFailed(failed.read_text()) from error
    return path


def compiled_by_new_process(name, path, threads):
    """With an empty cache, where no other process writes."""
    program = ("import pathlib, sys, build; build.compile_package("
               "build.entry_of(sys.argv[1]), pathlib.Path(sys.argv[2]), "
               "int(sys.argv[3]))")
    with tempfile.TemporaryDirectory() as cache:
        done = subprocess.run(
            [sys.executable, "-c", program, name, str(path), str(threads)],
            cwd=pathlib.Path(__file__).parent,
            env={**os.environ, "TORCHINDUCTOR_CACHE_DIR": cache})
    return done.returncode == 0 and path.exists()


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


def reason(error):
    """One line of what may be many pages of a compiler's."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower()] or lines
    return f"{type(error).__name__}: " + " | ".join(
        line[:150] for line in [*lines[:1], *telling[:3]])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    failures, broken = [], []
    for name in arguments.names or [*models.ZOO, *models.BATCHES]:
        start = time.monotonic()
        path_of(name, arguments.threads).with_suffix(".failed").unlink(
            missing_ok=True)
        try:
            path = package(name, arguments.threads)
        except StockFailed as error:
            failures.append(error)
            continue
        except Exception as error:  # one bad model must not hide the others
            broken.append(f"{name}: {reason(error)}")
            continue
        print(f"{name}: {path.stat().st_size / 1e6:.2f} MB, "
              f"{time.monotonic() - start:.0f} s", flush=True)
    # At the end, where they are not lost among what the compiler says.
    for failure in failures:
        print(f"stock PyTorch failed: {failure}", file=sys.stderr)
    for failure in broken:
        print(f"failed: {failure}", file=sys.stderr)
    return 1 if broken or len(failures) > MOST_FAILURES else 0


if __name__ == "__main__":
    sys.exit(main())
