#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what metal_apple.c sends to Metal against Apple's own headers:

    check_apple.py [METAL_CPP]

Selectors, numbers, the layout of structs and the types of methods. Wants PyPI's
ziglang in this Python, which compiles for Macs. METAL_CPP is a folder with
Apple's metal-cpp; unless given it is taken, once, out of PyPI's mlx-metal for
macOS. scripts/cross_macos.py builds the file itself for Macs; what that made, if
it is there, may want no framework: those are opened when a device is asked for.
"""
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src/backends/mps/metal_apple.c"
TYPES = ROOT / "tests/mps/apple_types.cpp"
WHEEL = "mlx-metal==0.32.4"
# The runtime's own, and one of NSString's that metal-cpp does not use.
OF_THE_RUNTIME = {"new", "retain", "release", "respondsToSelector:",
                  "stringWithUTF8String:"}
# Headers of macOS that metal-cpp wants and zig does not have: what it uses.
STUBS = {
    "CoreFoundation/CoreFoundation.h":
        "typedef const void* CFTypeRef; typedef double CFTimeInterval;",
    "IOSurface/IOSurfaceRef.h": "typedef struct __IOSurface* IOSurfaceRef;",
    "CoreGraphics/CGGeometry.h":
        "typedef double CGFloat; typedef struct { CGFloat a[2]; } CGSize;",
    "CoreGraphics/CGColorSpace.h": "typedef struct CGColorSpace* "
                                   "CGColorSpaceRef;",
}


def fetch_headers():
    """metal-cpp out of the wheel, kept below build/."""
    folder = ROOT / "build" / "metal-cpp" / WHEEL.split("==")[1]
    if not (folder / "complete").exists():
        with tempfile.TemporaryDirectory() as download:
            subprocess.run(
                [sys.executable, "-m", "pip", "download", "--quiet",
                 "--no-deps", "--only-binary=:all:",
                 "--platform=macosx_14_0_arm64", f"--dest={download}", WHEEL],
                check=True)
            wheel, = pathlib.Path(download).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder, [
                    name for name in archive.namelist()
                    if "/metal_cpp/" in name and name.endswith(".hpp")])
        (folder / "complete").touch()
    return folder / "mlx/include/metal_cpp"


def selectors_of(text):
    table = text[text.index("#define SELECTORS"):text.index("static struct {")]
    return re.findall(r'X\(\w+,\s*"([^"]+)"\)', table)


def check_selectors(text, metal_cpp):
    apple = "\n".join(p.read_text(errors="replace")
                      for p in metal_cpp.rglob("*.hpp"))
    selectors = selectors_of(text)
    known = set(re.findall(r'"([A-Za-z0-9:]+)"', apple)) | OF_THE_RUNTIME
    wrong = [f"no selector {s}" for s in selectors if s not in known]
    return len(selectors), wrong


def check_methods(text, types, metal_cpp):
    """Selectors whose method apple_types.cpp does not look at."""
    apple = "\n".join(p.read_text(errors="replace")
                      for p in metal_cpp.rglob("*.hpp"))
    methods = {}
    for method, selector in re.findall(
            r"_INLINE [^\n]*::(\w+)\([^\n]*\n\{[^}]*_PRIVATE_SEL\((\w+)\)",
            apple):
        methods.setdefault(selector, set()).add(method)
    looked_at = set(re.findall(r"&(?:MTL|NS)::\w+::(\w+)\)", types))
    return [f"the type of {s} is not looked at"
            for s in selectors_of(text) if s not in OF_THE_RUNTIME and
            not methods.get(s.replace(":", "_"), set()) & looked_at]


def numbers(text):
    """static_asserts for what is named beside its number: 4,  // MTLThis."""
    found = re.findall(r"\b[A-Z0-9_]+ = (\w+),\s*// MTL(\w+)", text)
    return [f'static_assert(static_cast<unsigned long>(MTL::{name}) == {value},'
            f' "{name}");' for value, name in found]


def check_types(text, metal_cpp, folder):
    """What zig's compiler for Macs says; empty if all is right."""
    for name, stub in STUBS.items():
        path = folder / "stubs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#pragma once\n{stub}\n")
    source = folder / "apple_types.cpp"
    source.write_text(TYPES.read_text().replace(
        "\nNUMBERS\n", "\n" + "\n".join(numbers(text)) + "\n"))
    done = subprocess.run(
        [sys.executable, "-m", "ziglang", "c++", "-target", "aarch64-macos",
         "-std=c++17", "-w", f"-I{metal_cpp}", f"-I{folder}/stubs", "-c",
         str(source), "-o", f"{folder}/types.o"], capture_output=True, text=True)
    return done.stderr if done.returncode else ""


def libraries_of(path):
    """The libraries that a Mach-O file wants."""
    data = path.read_bytes()
    magic, _, _, _, count = struct.unpack_from("<IIIII", data)
    assert magic == 0xfeedfacf, "not a 64-bit Mach-O file"
    at, libraries = 32, []
    for _ in range(count):
        command, size = struct.unpack_from("<II", data, at)
        if command & 0x7fffffff in (0xc, 0x18):  # LC_LOAD_(WEAK_)DYLIB
            offset, = struct.unpack_from("<I", data, at + 8)
            libraries.append(data[at + offset:at + size].split(b"\0")[0]
                             .decode())
        at += size
    return libraries


def main():
    metal_cpp = (pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else
                 fetch_headers())
    text = SOURCE.read_text()
    results = []
    count, wrong = check_selectors(text, metal_cpp)
    results.append((f"{count} selectors", "\n".join(wrong)))
    types = TYPES.read_text()
    results.append(("each has its method",
                    "\n".join(check_methods(text, types, metal_cpp))))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        results.append((f"types and {len(numbers(text))} numbers",
                        check_types(text, metal_cpp, folder)))
        # The check sees a wrong number and a wrong type.
        for what, spoiled in (
                ("a wrong number", text.replace("= 0x30002,", "= 0x30003,")),
                ("a wrong name", text.replace("// MTLMathModeFast",
                                              "// MTLMathModeFaster"))):
            assert spoiled != text
            said = check_types(spoiled, metal_cpp, folder)
            results.append((f"{what} is seen",
                            "" if re.search("error: (static|no member)", said)
                            else "it is not"))
    _, wrong = check_selectors(text.replace('"commit"', '"comit"'), metal_cpp)
    results.append(("a wrong selector is seen", "" if wrong else "it is not"))
    wrong = check_methods(text, types.replace("::supportsFamily", "::device"),
                          metal_cpp)
    results.append(("a missing method is seen", "" if wrong else "it is not"))
    for library in sorted(ROOT.glob("build/macos-*/libpt2*.dylib")):
        if library.is_symlink():
            continue
        wanted = libraries_of(library)
        results.append((
            f"{library.relative_to(ROOT)} wants {', '.join(wanted)}",
            "\n".join(w for w in wanted if "framework" in w or "objc" in w)))
    for what, wrong in results:
        print(what if not wrong else f"{what}: WRONG\n{wrong}")
    failed = sum(bool(wrong) for _, wrong in results)
    print(f"{len(results) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


sys.exit(main())
