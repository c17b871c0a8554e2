#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the Mach-O libraries of tests/unit/test_macho.c: make.sh ZIG. Each for
# arm64 and x86_64, with the two forms of fix-ups: programs (zig's linker) and
# chains (ld64.lld of LLVM 15 or later, Debian: lld-16).
set -eu
cd "$(dirname "$0")"
zig=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for arch in arm64 x86_64; do
  target=x86_64-macos.13.0
  [ $arch = x86_64 ] || target=aarch64-macos.13.0
  flags="-target $target -O1 -fno-stack-protector -fno-sanitize=all"
  # shellcheck disable=SC2086
  {
    "$zig" cc $flags -c model.c -o "$work/$arch.o"
    "$zig" cc $flags -shared "$work/$arch.o" -o "model-$arch-programs.dylib" \
      -Wl,-undefined,dynamic_lookup -Wl,-install_name,model.dylib -s
  }
  ld64.lld-16 -arch $arch -platform_version macos 13 13 -dylib -fixup_chains \
    -undefined dynamic_lookup -install_name model.dylib "$work/$arch.o" \
    -o "model-$arch-chains.dylib"
done
gzip -9 -n -f model-*.dylib
ls -l
