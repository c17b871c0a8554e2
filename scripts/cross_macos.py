#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cross-builds library, tool and tests for macOS, on any machine.

    cross_macos.py [--arch arm64,x86_64] [--zig FILE] [--target NAME]

The compiler and libSystem are zig's (PyPI: ziglang). Of what else the library
links (zlib, jansson, libomp, cmocka) only headers and the names of functions
are needed, and those are the same as here: both are taken from this machine's
packages, so that a name that does not exist still fails to link. What comes out
is in build/macos-ARCH; nothing of it runs here.
"""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SDK = ROOT / "build" / "macos-sdk"
# Library: (headers, install name on a Mac with Homebrew).
LIBRARIES = {
    "z": (["zlib.h", "zconf.h"], "/usr/lib/libz.1.dylib"),
    "jansson": (["jansson.h", "jansson_config.h"],
                "/opt/homebrew/lib/libjansson.4.dylib"),
    "cmocka": (["cmocka.h"], "/opt/homebrew/lib/libcmocka.0.dylib"),
    "omp": (["omp.h"], "/opt/homebrew/opt/libomp/lib/libomp.dylib"),
}
TARGETS = {"arm64": "aarch64-macos", "x86_64": "x86_64-macos"}
# In libomp of LLVM 20 and later, which newer compilers call.
NEWER = {"omp": ["__kmpc_dispatch_deinit"]}
PC = """Name: {name}
Description: {name} for cross-building
Version: 99
Cflags: -I{sdk}/include
Libs: -L{sdk}/lib -l{name}
"""


def one(patterns, what):
    for pattern in patterns:
        found = sorted(pathlib.Path("/usr").glob(pattern))
        if found:
            return found[-1]
    sys.exit(f"{what} is not installed here: run scripts/get_deps.sh --check")


def defined_names(library):
    listed = subprocess.run(["nm", "-D", "--defined-only", library], text=True,
                            capture_output=True, check=True).stdout
    return sorted({line.split()[-1].split("@")[0] for line in
                   listed.splitlines() if line.split()[-2] in "TWDBRVi"})


def write_stub(name, install_name):
    """A text-based description of a dynamic library, as Apple's SDKs have."""
    library = one([f"lib/*-linux-gnu/lib{name}.so", f"lib/llvm-*/lib/lib{name}.so",
                   f"lib/lib{name}.so"], f"lib{name}")
    names = defined_names(library) + NEWER.get(name, [])
    symbols = ", ".join(f"_{symbol}" for symbol in names)
    (SDK / "lib" / f"lib{name}.tbd").write_text(
        "--- !tapi-tbd\ntbd-version: 4\n"
        "targets: [ arm64-macos, x86_64-macos ]\n"
        f"install-name: '{install_name}'\nexports:\n"
        "  - targets: [ arm64-macos, x86_64-macos ]\n"
        f"    symbols: [ {symbols} ]\n...\n")


def write_script(name, text):
    script = SDK / "bin" / name
    script.write_text(f"#!/bin/sh\n{text}\n")
    script.chmod(0o755)


def make_sdk(zig):
    shutil.rmtree(SDK, ignore_errors=True)
    for folder in ("include", "lib/pkgconfig", "bin"):
        (SDK / folder).mkdir(parents=True)
    for name, (headers, install_name) in LIBRARIES.items():
        for header in headers:
            found = one([f"include/{header}", f"include/*-linux-gnu/{header}",
                         f"lib/llvm-*/lib/clang/*/include/{header}"], header)
            shutil.copy(found, SDK / "include")
        write_stub(name, install_name)
        (SDK / "lib" / "pkgconfig" / f"{name}.pc").write_text(
            PC.format(name=name, sdk=SDK))
    for tool in ("ar", "ranlib"):
        write_script(tool, f'exec "{zig}" {tool} "$@"')
    for arch, target in TARGETS.items():
        # zig makes no bundles; dlopen takes a library as well.
        for tool, words in (("cc", "cc"), ("cxx", "c++")):
            write_script(f"{arch}-{tool}",
                         'for word do shift; case $word in -bundle) '
                         'word=-dynamiclib;; esac; set -- "$@" "$word"; done\n'
                         f'exec "{zig}" {words} -target {target} "$@"')


def build(arch, target):
    folder = ROOT / "build" / f"macos-{arch}"
    environment = {**os.environ, "PKG_CONFIG_LIBDIR": f"{SDK}/lib/pkgconfig",
                   "PKG_CONFIG_PATH": ""}
    omp = [f"-DOpenMP_C_FLAGS=-fopenmp -I{SDK}/include",
           "-DOpenMP_C_LIB_NAMES=omp", f"-DOpenMP_omp_LIBRARY={SDK}/lib/libomp.tbd"]
    subprocess.run(
        ["cmake", "-S", ROOT, "-B", folder, "-DCMAKE_BUILD_TYPE=Debug",
         "-DCMAKE_C_FLAGS_DEBUG=-O0", "-DCMAKE_CXX_FLAGS_DEBUG=-O0",
         f"-DCMAKE_TOOLCHAIN_FILE={ROOT}/cmake/macos-zig.cmake",
         f"-DPT2_MACOS_ARCH={arch}",
         f"-DPT2_MACOS_SDK={SDK}", "-DPT2_WERROR=ON",
         f"-DZLIB_INCLUDE_DIR={SDK}/include", f"-DZLIB_LIBRARY={SDK}/lib/libz.tbd",
         *omp], check=True, env=environment)
    subprocess.run(["cmake", "--build", folder, f"-j{os.cpu_count()}",
                    "--target", target], check=True, env=environment)


def find_zig(given):
    if given:
        return given
    try:
        import ziglang
    except ImportError:
        sys.exit("no zig: give --zig, or run this with a Python that has the "
                 "package ziglang")
    return str(pathlib.Path(ziglang.__file__).parent / "zig")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arch", default="arm64,x86_64")
    parser.add_argument("--zig")
    parser.add_argument("--target", default="all")
    arguments = parser.parse_args()
    zig = find_zig(arguments.zig)
    make_sdk(zig)
    for arch in arguments.arch.split(","):
        build(arch, arguments.target)


main()
