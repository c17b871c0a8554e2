#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks this library's kernels for address spaces, which g++ does not know:

    check_shaders.py [FILE …]     all of src/backends/mps/kernels unless given

clang compiles them as C++ for OpenCL, whose __global, __constant, __local and
__private are Metal's device, constant, threadgroup and thread (clcpp/metal.h).
Then it is shown that the check sees something: wrong uses, put into a kernel
one at a time, must be refused, each for its address space.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HEADERS = ROOT / "tests/mps/clcpp"
TYPES = {"float": "float", "half": "half", "bfloat": "bfloat"}
# Of kernels for any dtype, which say so: "typedef … T;".
MORE_TYPES = {name: name for name in ("uchar", "char", "short", "int", "long",
                                      "bool")}

# A kernel, and what makes it wrong.
GOOD = """
#include <metal_stdlib>
using namespace metal;
inline float first(device const float* x) { return x[0]; }
kernel void k(device float* out [[buffer(0)]],
              device const float* in [[buffer(1)]],
              constant int& n [[buffer(2)]],
              uint i [[thread_position_in_grid]]) {
  threadgroup float shared[4];
  shared[i % 4] = first(in);
  threadgroup_barrier(mem_flags::mem_threadgroup);
  float own = shared[0];
  /*here*/
  out[i] = own + n;
}
"""
WRONG = {
    "device pointer from threadgroup memory": "device float* p = shared;",
    "threadgroup pointer from device memory": "threadgroup float* p = out;",
    "device pointer from a variable": "device float* p = &own;",
    "thread pointer from device memory": "thread float* p = out;",
    "device function called with threadgroup memory": "own = first(shared);",
    "constant pointer from device memory": "constant float* p = in;",
    "device pointer from a constant": "device const int* p = &n;",
    "write to a constant": "n = 3;",
    "cast between spaces": "device float* p = (device float*)shared;",
    "simdgroup_store to a variable":
        "simdgroup_float8x8 m; simdgroup_store(m, &own, 8);",
    "atomic of a thread": "atomic_int a; "
        "atomic_fetch_add_explicit(&a, 1, memory_order_relaxed);",
}


def compile_shader(source, definitions, folder):
    """What clang says; empty if nothing."""
    # Metal's own headers are clcpp/metal.h.
    text = re.sub(r"#include <metal_\w+>", "", source)
    path = folder / "shader.clcpp"
    path.write_text('#include "metal.h"\n' + "".join(
        f"typedef {value} {name};\n" for name, value in definitions.items()) +
        text)
    done = subprocess.run(
        ["clang", "-cc1", "-triple", "spir64", "-x", "clcpp", "-cl-std=clc++2021",
         "-fsyntax-only", "-fno-builtin", "-Wno-unknown-attributes", "-Wno-undefined-internal",
         "-Wno-undefined-inline", f"-I{HEADERS}", str(path)],
        capture_output=True, text=True)
    return done.stderr.strip() if done.returncode else ""


def types_of(source):
    any_dtype = re.search(r'"typedef … \w;"', source.replace("\n// ", " "))
    return TYPES | MORE_TYPES if any_dtype else TYPES


def check_file(path, folder):
    source = path.read_text()
    wrong = {}
    for name, value in types_of(source).items():
        said = compile_shader(source, {"T": value, "S": value}, folder)
        if said:
            wrong[name] = said
    return wrong


def main():
    files = [pathlib.Path(a) for a in sys.argv[1:]] or sorted(
        (ROOT / "src/backends/mps/kernels").glob("*.metal"))
    assert sys.argv[1:] or any(
        types_of(path.read_text()) != TYPES for path in files), \
        "no kernel for any dtype"
    passed = failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for path in files:
            wrong = check_file(path, folder)
            for kind, said in wrong.items():
                print(f"{path.name} of {kind}:\n{said}")
            passed, failed = passed + (not wrong), failed + bool(wrong)
        said = compile_shader(GOOD, {}, folder)
        if said:
            print(f"the sound kernel is refused:\n{said}")
        passed, failed = passed + (not said), failed + bool(said)
        for what, line in WRONG.items():
            said = compile_shader(GOOD.replace("/*here*/", line), {}, folder)
            fine = re.search("address space|qualifier|__global|__constant|read-only",
                             said)
            if not fine:
                print(f"{what} is not seen: {said or 'no complaint'}")
            passed, failed = passed + bool(fine), failed + (not fine)
    print(f"{passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


sys.exit(main())
