#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes build/deb/libpt2-0_*.deb, libpt2-dev_*.deb and pt2_*.deb from what is
# compiled in build/release (make build); the same bytes for the same commit.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/deb
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct 2> /dev/null ||
    stat -c %Y "$root/include/pt2/pt2.h")
fi
export SOURCE_DATE_EPOCH
umask 022
rm -rf "$build"
mkdir -p "$build"
{
  cmake -S "$root" -B "$build" -DPT2_DEB=ON -DPT2_REUSE_BUILD="$root/build/release" \
    -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr \
    -DCMAKE_SKIP_INSTALL_RPATH=ON -DPT2_BUILD_TESTS=OFF \
    -DPT2_BUILD_EXAMPLES=OFF -DPT2_BUILD_BENCH=OFF &&
    cmake --build "$build" -j"$(nproc)" && cd "$build" && cpack -G DEB
} > "$build/deb.log" 2>&1 || { tail -n 40 "$build/deb.log"; exit 1; }
ls "$build"/*.deb
