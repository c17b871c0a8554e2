#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what building and testing need, where it is missing: Debian packages
# by apt-get (root, or sudo). With --check also Python, the second compiler, the
# formatter, and the compilers of the examples in Rust and Go.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$root/build"

missing=
need() { # package, then a command that succeeds if it is there
  package=$1
  shift
  "$@" > /dev/null 2>&1 || missing="$missing $package"
}
header() { echo "#include <$1>" | cc -E -x c - ; }
need gcc command -v gcc
need g++ command -v g++
need cmake command -v cmake
need pkg-config command -v pkg-config
need zlib1g-dev header zlib.h
need libjansson-dev header jansson.h
need libcmocka-dev pkg-config --exists cmocka
need libsleef-dev test -e "$(find /usr/lib -name 'libsleef.so.3' 2> /dev/null |
  head -n 1)"
if [ "${1:-}" = --check ]; then
  need python3 command -v python3
  need python3-dev python3 -c 'import os, sysconfig
assert os.path.exists(sysconfig.get_path("include") + "/Python.h")'
  need python3-venv python3 -c 'import venv, ensurepip'
  need unzip command -v unzip
  need clang command -v clang
  need libomp-dev sh -c 'ls /usr/lib/llvm-*/lib/libomp.so'
  need clang-format command -v clang-format
  need rustc command -v rustc
  need golang-go command -v go
  need libopenblas0-pthread test -e "$(find /usr/lib -name 'libopenblas.so.0' \
    2> /dev/null | head -n 1)"
fi
# With --deb or --wheel: what making these needs.
case "${1:-}" in
  --check | --deb)
    need dpkg-dev command -v dpkg-shlibdeps
    need file command -v file
    ;;
esac
case "${1:-}" in
  --check | --wheel)
    need python3 command -v python3
    need python3-venv python3 -c 'import venv, ensurepip'
    need python3-dev python3 -c 'import os, sysconfig
os.stat(os.path.join(sysconfig.get_path("include"), "Python.h"))'
    ;;
esac
if [ "${1:-}" = --check ]; then
  [ "$(id -u)" = 0 ] || need fakeroot command -v fakeroot
  need groff-base command -v groff
fi
if [ -n "$missing" ]; then
  echo "installing:$missing"
  sudo=
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq $missing \
    > "$root/build/apt.log" 2>&1 || { tail -n 20 "$root/build/apt.log"; exit 1; }
fi
