#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Operators against recorded answers of PyTorch, without PyTorch.

    run.py [TEXT]     only functions with TEXT in their name

vectors.jsonl.xz holds calls and what eager PyTorch made of them;
scripts/make_op_vectors.py writes it. Compared are dtype, sizes, strides and
values of the results, and the arguments' memory after the call. The library is
build/release/libpt2.so or $PT2_LIBRARY.
"""
import base64
import cmath
import ctypes
import json
import lzma
import os
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import shim_call

UNTOUCHED = 0x5a5a5a5a5a5a5a50
# dtype code: struct letter; bfloat16 and the 8-bit floats are compared as the
# numbers below.
LETTERS = {0: "B", 1: "b", 2: "h", 3: "i", 4: "q", 5: "e", 6: "f", 7: "d",
           8: "2e", 9: "2f", 10: "2d", 11: "?", 23: "B", 24: "B", 25: "B",
           26: "B", 27: "H", 28: "I", 29: "Q", 44: "B", 45: "B"}
BFLOAT16 = 15
COMPLEX = (8, 9, 10)


class Tensor:
    """A recorded tensor in memory of its own."""

    def __init__(self, fields):
        self.code, self.sizes, self.strides, self.offset, raw = fields
        raw = base64.b64decode(raw)
        self.size = len(raw)
        # A tensor without elements may have no memory at all.
        self.memory = ctypes.create_string_buffer(raw, max(len(raw), 1))

    def handle(self):
        address = ctypes.addressof(self.memory) if self.size else None
        return shim_call.handle_over(address, self.code, self.sizes,
                                     self.strides, self.offset)

    def bytes(self):
        return self.memory.raw[:self.size]


def decode(value):
    if isinstance(value, dict):
        if "tensor" in value:
            return Tensor(value["tensor"])
        if "floats" in value:
            return shim_call.Floats(value["floats"])
        if "enum" in value:
            return shim_call.Enum(*value["enum"])
        if "complex" in value:
            return complex(*value["complex"])
        return shim_call.Device(value["device"])
    if isinstance(value, list):
        return [decode(v) for v in value]
    return value


def tensors_in(values):
    for value in values:
        if isinstance(value, Tensor):
            yield value
        elif isinstance(value, list):
            yield from tensors_in(value)


def numbers(code, raw):
    """Flat floats or ints; two for a complex number."""
    if code == BFLOAT16:
        wide = b"".join(b"\0\0" + raw[i:i + 2] for i in range(0, len(raw), 2))
        return struct.unpack(f"<{len(wide) // 4}f", wide)
    letter = LETTERS[code][-1]
    return struct.unpack(f"<{len(raw) // struct.calcsize(letter)}{letter}", raw)


def elements(code, raw):
    """One number for each element."""
    flat = numbers(code, raw)
    if code not in COMPLEX:
        return flat
    return [complex(*pair) for pair in zip(flat[::2], flat[1::2])]


def close(a, b, rtol, atol):
    """Of numbers, or of complex ones as a whole, as torch.testing does."""
    if isinstance(a, (float, complex)):
        if cmath.isnan(a) or cmath.isnan(b):
            return cmath.isnan(a) and cmath.isnan(b)
        if cmath.isinf(a) or cmath.isinf(b):
            return a == b
    return a == b or abs(a - b) <= atol + rtol * abs(b)


def element_offsets(sizes, strides):
    offsets = [0]
    for size, stride in zip(sizes, strides):
        offsets = [o + i * stride for o in offsets for i in range(size)]
    return offsets


def check_values(what, code, offsets, mine, theirs, tolerance):
    mine, theirs = elements(code, mine), elements(code, theirs)
    for offset in offsets:
        a, b = mine[offset], theirs[offset]
        assert close(a, b, *tolerance), (
            f"{what}: element {offset} is {a}, PyTorch's {b}")


def check_result(what, found, expected, tolerance):
    """|tolerance| None: the values are left open."""
    if expected is None or found is None:
        assert found is None and expected is None, f"{what}: defined or not"
        return
    code, sizes, strides, raw = found
    wanted = Tensor(expected["tensor"])
    assert code == wanted.code, f"{what}: dtype {code}, not {wanted.code}"
    assert sizes == wanted.sizes, f"{what}: sizes {sizes}, not {wanted.sizes}"
    if 0 in sizes:
        return
    # The stride of a dimension of size 1 reaches nothing.
    mine, theirs = ([s for n, s in zip(sizes, each) if n != 1]
                    for each in (strides, wanted.strides))
    assert mine == theirs, f"{what}: strides {strides}, not {wanted.strides}"
    if tolerance is not None:
        check_values(what, code, element_offsets(sizes, strides), raw,
                     wanted.bytes(), tolerance)


def check_arguments(arguments, expected, tolerance):
    for i, (mine, fields) in enumerate(zip(arguments, expected)):
        if fields is None:  # as before
            continue
        wanted = Tensor(fields["tensor"])
        count = len(elements(mine.code, mine.bytes()))
        check_values(f"argument {i}", mine.code, range(count), mine.bytes(),
                     wanted.bytes(), tolerance)


def arguments_of(symbol, values, result_count):
    if shim_call.is_boxed(symbol):
        return shim_call.BoxedArguments(values, Tensor.handle,
                                        lambda v: isinstance(v, Tensor))
    _, types = shim_call.signature(symbol)
    return shim_call.Arguments(types[:len(types) - result_count], values,
                               Tensor.handle)


def call(symbol, arguments, slots):
    if shim_call.is_boxed(symbol):
        return shim_call.call_boxed(symbol, arguments, slots)
    return shim_call.library().call(symbol, *arguments.c,
                                    *[ctypes.addressof(s) for s in slots])


def invoke(case, values):
    kinds = case["kinds"]
    slots = [(ctypes.c_int64 if kind == "int" else ctypes.c_void_p)(UNTOUCHED)
             for kind in kinds]
    library = shim_call.library()
    if case.get("seed") is not None:
        library.dll.pt2_manual_seed(ctypes.c_uint64(case["seed"]))
    arguments = arguments_of(case["symbol"], values, len(kinds))
    try:
        code = call(case["symbol"], arguments, slots)
        if code != 0:
            left = all(slot.value == UNTOUCHED for slot in slots)
            return code, library.message(), left
        results = []
        for kind, slot in zip(kinds, slots):
            if kind == "int":
                results.append(slot.value)
                continue
            results.append(shim_call.contents(slot))
            shim_call.delete(slot)
        return 0, results, True
    finally:
        arguments.release()


class NotInstalled(Exception):
    """The operator needs a library that is not here."""


def run(case):
    values = decode(case["arguments"])
    before = [tensor.bytes() for tensor in tensors_in(values)]
    code, results, left = invoke(case, values)
    if code != 0 and "which is not installed" in results:
        raise NotInstalled
    if "message" in case:
        assert code == 1, f"returned {code}, expected to fail"
        assert case["message"] in results, (
            f"says {results!r}, expected {case['message']!r} in it")
        assert left, "an output was written though the call failed"
        return
    assert code == 0, f"failed: {results}"
    tolerance = case["tolerance"]
    for i, (found, expected) in enumerate(zip(results, case["results"])):
        if isinstance(found, int):
            assert found == expected, f"output {i}: {found}, not {expected}"
        else:
            check_result(f"output {i}", found, expected,
                         None if i in case.get("open", ()) else tolerance)
    tensors = list(tensors_in(values))
    check_arguments(tensors, case["after"], tolerance)
    for i, (tensor, raw) in enumerate(zip(tensors, before)):
        assert case["after"][i] is not None or tensor.bytes() == raw, (
            f"argument {i} was written to")


def main():
    chosen = sys.argv[1] if len(sys.argv) > 1 else ""
    passed, failed, skipped = 0, 0, 0
    with lzma.open(HERE / "vectors.jsonl.xz", "rt") as lines:
        for number, line in enumerate(lines, 1):
            case = json.loads(line)
            if chosen not in case["symbol"]:
                continue
            try:
                run(case)
                passed += 1
            except NotInstalled:
                skipped += 1
            except Exception as error:  # one bad call must not hide the others
                failed += 1
                print(f"line {number}, {case['symbol']} {case['what']}: "
                      f"{type(error).__name__}: {error}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
