#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the back end for mps, with Apple's side of it, for both kinds of Mac,
and checks what the result wants from the system:

    cross_build.py [METAL_CPP]

Wants PyPI's ziglang in this Python. METAL_CPP is a folder with Apple's
metal-cpp headers (PyPI's mlx-metal for macOS has one, mlx/include/metal_cpp):
then selectors, numbers and types in metal_apple.c are checked against them.
"""
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
MPS = ROOT / "src/backends/mps"
sys.path.insert(0, str(ROOT / "tests/mps"))
from defects import write_kernels  # noqa: E402

TARGETS = {"aarch64-macos": 0x100000c, "x86_64-macos": 0x1000007}


def zig(*arguments):
    subprocess.run([sys.executable, "-m", "ziglang", *map(str, arguments)],
                   check=True)


def build(target, folder):
    tree = folder / "tree"
    (tree / "src/backends/mps").mkdir(parents=True, exist_ok=True)
    kernels = tree / "src/backends/mps/kernels"
    if not kernels.exists():
        kernels.symlink_to(MPS / "kernels")
    write_kernels(tree)
    flags = ["-target", target, "-O2", "-Wall", "-Wextra", "-Werror",
             "-fvisibility=hidden", f"-I{ROOT}/src", f"-I{ROOT}/abi",
             f"-I{ROOT}/include"]
    objects = []
    sources = sorted(MPS.glob("*.c")) + [MPS / "callback.cpp",
                                         tree / "mps_kernels.c"]
    for source in sources:
        out = folder / f"{source.name}.{target}.o"
        driver = (["c++", "-std=c++17"] if source.suffix == ".cpp" else
                  ["cc", "-std=c11"])
        zig(*driver, *flags, "-c", source, "-o", out)
        if source.name != "builtin.c":  # that is for the library
            objects.append(out)
    library = folder / f"mps.{target}.dylib"
    zig("c++", "-target", target, "-shared", *objects, "-o", library)
    return library


def read_macho(path):
    """The kind of CPU and the libraries that a Mach-O file wants."""
    data = path.read_bytes()
    magic, cpu, _, _, count = struct.unpack_from("<IIIII", data)
    assert magic == 0xfeedfacf, "not a 64-bit Mach-O file"
    at, libraries = 32, []
    for _ in range(count):
        command, size = struct.unpack_from("<II", data, at)
        if command & 0x7fffffff in (0xc, 0x18):  # LC_LOAD_(WEAK_)DYLIB
            offset, = struct.unpack_from("<I", data, at + 8)
            libraries.append(data[at + offset:at + size].split(b"\0")[0]
                             .decode())
        at += size
    return cpu, libraries


def check_headers(metal_cpp):
    """What is wrong in metal_apple.c by Apple's own headers."""
    text = (MPS / "metal_apple.c").read_text()
    apple = "\n".join(p.read_text(errors="replace")
                      for p in metal_cpp.rglob("*.hpp"))
    wrong = []
    table = text[text.index("#define SELECTORS"):text.index("static struct {")]
    selectors = re.findall(r'X\(\w+,\s*"([^"]+)"\)', table)
    known = set(re.findall(r'"([A-Za-z0-9:]+)"', apple))
    # The runtime's own, and one of NSString's that metal-cpp does not use.
    known |= {"new", "retain", "release", "respondsToSelector:",
              "stringWithUTF8String:"}
    wrong += [f"no selector {s}" for s in selectors if s not in known]
    numbers = {"MATH_SAFE": ("MathModeSafe", 0), "MATH_FAST": ("MathModeFast",
                                                               2),
               "FUNCTIONS_FAST": ("MathFloatingPointFunctionsFast", 0),
               "FUNCTIONS_PRECISE": ("MathFloatingPointFunctionsPrecise", 1),
               "STATUS_COMPLETED": ("CommandBufferStatusCompleted", 4),
               "FAMILY_APPLE_7": ("GPUFamilyApple7", 1007)}
    for ours, (theirs, value) in numbers.items():
        if not re.search(rf"\b{ours} = {value}\b", text):
            wrong.append(f"{ours} is not {value}")
        if not re.search(rf"\b{theirs} = {value},", apple):
            wrong.append(f"Apple's {theirs} is not {value}")
    for ours, major, minor in (("3_1", 3, 1), ("3_2", 3, 2), ("4_0", 4, 0)):
        if f"LANGUAGE_{ours} = {(major << 16) + minor:#x}" not in text:
            wrong.append(f"LANGUAGE_{ours}")
        if f"LanguageVersion{ours} = {(major << 16) + minor}," not in apple:
            wrong.append(f"Apple's LanguageVersion{ours}")
    return len(selectors) + len(numbers) + 3, wrong


def main():
    failed = passed = skipped = 0
    with tempfile.TemporaryDirectory() as folder:
        for target, cpu in TARGETS.items():
            library = build(target, pathlib.Path(folder))
            found, libraries = read_macho(library)
            fine = found == cpu and all(
                name.startswith("/usr/lib/libSystem") for name in libraries)
            print(f"{target}: {library.stat().st_size} bytes, wants "
                  f"{', '.join(libraries)}")
            passed, failed = passed + fine, failed + (not fine)
    if len(sys.argv) > 1:
        count, wrong = check_headers(pathlib.Path(sys.argv[1]))
        print("\n".join(wrong) if wrong else
              f"{count} selectors and numbers are Apple's")
        passed, failed = passed + (not wrong), failed + bool(wrong)
    else:
        skipped += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


sys.exit(main())
