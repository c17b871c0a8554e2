#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/op_vectors/vectors.jsonl.xz: calls of every operator and what
eager PyTorch made of them, from the samples in tests/ops. Wants PyTorch:

    build/venv/bin/python scripts/make_op_vectors.py [TEXT ...]

For each function and dtype a few samples are taken, spread over the file's
list; large tensors are left out, and so are results that torch leaves open
(which of equal elements, random streams that are compared by their statistics).
"""
import argparse
import base64
import collections
import json
import lzma
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/ops"))

import torch

import harness

SAMPLES = 4  # of each function and dtype
BAD = 3  # of each function
MOST_BYTES = 2560  # of all tensors of a call
OUT = ROOT / "tests/op_vectors/vectors.jsonl.xz"
# torch.testing's tolerances, as golden files must name them.
TOLERANCES = {torch.float16: (1e-3, 1e-5), torch.bfloat16: (1.6e-2, 1e-5),
              torch.float32: (1.3e-6, 1e-5), torch.float64: (1e-7, 1e-7),
              torch.complex32: (1e-3, 1e-3), torch.complex64: (1.3e-6, 1e-5),
              torch.complex128: (1e-7, 1e-7)}


def encode_tensor(tensor, raw, offset):
    return {"tensor": [harness.CODES[tensor.dtype], list(tensor.shape),
                       list(tensor.stride()), offset,
                       base64.b64encode(raw).decode()]}


def encode_argument(value):
    if isinstance(value, torch.Tensor):
        return encode_tensor(value, harness.storage_bytes(value),
                             value.storage_offset())
    if isinstance(value, harness.shim_call.Enum):
        return {"enum": [value.kind, value.number]}
    if isinstance(value, complex):
        return {"complex": [value.real, value.imag]}
    if isinstance(value, harness.shim_call.Device):
        return {"device": value.name}
    if isinstance(value, harness.Floats):
        return {"floats": list(value)}
    if isinstance(value, (list, tuple)):
        return [encode_argument(v) for v in value]
    return harness.number_of(value)


def encode_arguments(entry, args):
    if harness.is_boxed(entry.symbol):
        args = [harness.boxed_value(a) for a in args]
    return [encode_argument(a) for a in args]


def encode_result(value):
    if not isinstance(value, torch.Tensor):
        return value
    item = value.dtype.itemsize
    raw = harness.storage_bytes(value)[value.storage_offset() * item:]
    extent = 0 if value.numel() == 0 else 1 + sum(
        (n - 1) * s for n, s in zip(value.shape, value.stride()))
    return encode_tensor(value, raw[:extent * item], 0)


def tolerance(entry, sample, tensors):
    if isinstance(entry.recorded, dict):
        return [0, max((determined(entry, t) for t in tensors), default=0)]
    exact = sample.exact if sample.exact is not None else entry.exact
    if exact:
        return [0, 0]
    rtol = sample.rtol if sample.rtol is not None else entry.rtol
    atol = sample.atol if sample.atol is not None else entry.atol
    if rtol is not None or atol is not None:
        return [rtol or 0, atol or 0]
    return [max((TOLERANCES.get(t.dtype, (0, 0))[i] for t in tensors),
                default=0) for i in range(2)]


def determined(entry, tensor):
    """What compare, which checks the values, allows."""
    if tensor.numel() == 0 or tensor.dtype not in entry.recorded:
        return 0
    largest = tensor.abs().nan_to_num(0, 0, 0).max().item()
    return entry.recorded[tensor.dtype] * max(largest, 1)


def plain(value):
    """No conjugate or lazy tensor, and nothing that the library makes: memory is
    all that a vector holds."""
    return not isinstance(value, harness.Made) and not any(
        t.is_conj() or t.is_neg() for t in harness.tensors_in([value]))


def record(entry, sample, dtype):
    """A case, or None where the call is too large."""
    args = sample.args
    size = sum(len(harness.storage_bytes(t)) for t in harness.tensors_in(args))
    if size > MOST_BYTES or not all(plain(a) for a in args):
        return None
    case = {"symbol": entry.symbol,
            "what": f"{str(dtype)[6:]} {harness.describe(args)}",
            "kinds": entry.results(),
            "arguments": encode_arguments(entry, args)}
    theirs = harness.twin(args)
    before = [harness.storage_bytes(t) for t in harness.tensors_in(theirs)]
    if entry.seed is not None:
        torch.manual_seed(entry.seed)
        case["seed"] = entry.seed
    results = entry.torch(theirs)
    if not isinstance(results, (list, tuple)):
        results = [] if results is None else [results]
    results = [r.resolve_conj().resolve_neg() if isinstance(r, torch.Tensor)
               else r for r in results]
    found = [r for r in results if isinstance(r, torch.Tensor)]
    if sum(r.numel() * r.dtype.itemsize for r in found) > MOST_BYTES:
        return None
    # An argument that is returned (in place) is no output of the C function.
    kinds = case["kinds"]
    results = [*results, *[None] * len(kinds)][:len(kinds)]
    case["results"] = [encode_result(r) for r in results]
    after = list(harness.tensors_in(theirs))
    case["after"] = [
        None if harness.storage_bytes(t) == b else encode_argument(t)
        for t, b in zip(after, before)]
    if entry.left_open:
        case["open"] = list(entry.left_open)
    case["tolerance"] = tolerance(entry, sample, found + after)
    return case


def spread(items, count):
    if len(items) <= count:
        return items
    step = (len(items) - 1) / (count - 1)
    return [items[round(i * step)] for i in range(count)]


def cases_of(entry):
    # What is compared by hand has no single right answer, unless it says so.
    open_ended = ((entry.compare is not None
                   and not isinstance(entry.recorded, dict)) or entry.changes
                  or entry.recorded is False)
    for dtype in () if open_ended else entry.dtypes:
        make = harness.Make(dtype, seed=len(entry.symbol))
        samples = [s if isinstance(s, harness.Sample) else harness.Sample(s)
                   for s in entry.samples(make)]
        cases = [record(entry, s, dtype) for s in samples]
        yield from spread([c for c in cases if c is not None], SAMPLES)
    if not entry.bad or entry.recorded is False:
        return
    make = harness.Make(entry.dtypes[0], seed=len(entry.symbol))
    bads = [b if isinstance(b, harness.Bad) else harness.Bad(*b)
            for b in entry.bad(make)]
    small = [b for b in bads if sum(
        len(harness.storage_bytes(t)) for t in harness.tensors_in(b.args))
        <= MOST_BYTES and all(plain(a) for a in b.args)]
    for bad in spread(small, BAD):
        yield {"symbol": entry.symbol,
               "what": f"bad {harness.describe(bad.args)}",
               "kinds": entry.results(), "message": bad.message,
               "arguments": encode_arguments(entry, bad.args)}


def recorded_lines():
    """The lines of each function, as they are."""
    lines = collections.defaultdict(list)
    with lzma.open(OUT, "rt") as recorded:
        for line in recorded:
            lines[json.loads(line)["symbol"]].append(line)
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", nargs="*",
                        help="record only functions with one of these in their "
                             "name anew, and keep the others' lines")
    texts = parser.parse_args().texts
    old = recorded_lines() if texts else {}
    lines = []
    for entry in harness.all_entries():
        if not texts or any(text in entry.symbol for text in texts):
            lines += [json.dumps(case, separators=(",", ":")) + "\n"
                      for case in cases_of(entry)]
        else:  # all of them come with the first of a function's entries
            lines += old.pop(entry.symbol, [])
    with lzma.open(OUT, "wt", preset=9 | lzma.PRESET_EXTREME) as out:
        out.writelines(lines)
    print(f"{len(lines)} calls, {OUT.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
