#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs build/release into a fresh folder and uses it as a stranger would: by
# pkg-config from C and C++, statically, and by CMake's find_package.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
passed=0
failed=0
try() { # title, then the command
  title=$1
  shift
  if "$@" > "$work/log" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED $title"
    cat "$work/log"
  fi
}

try install cmake --install "$root/build/release" --prefix "$prefix"
PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name pt2.pc)")
libdir=$(dirname "$(find "$prefix" -name libpt2.so)")
export PKG_CONFIG_PATH
flags=$(pkg-config --cflags --libs pt2)
digits=$root/examples/digits
says_three() { "$@" "$digits/digits.pt2" "$digits/pictures/3.pgm" | grep 'This is a 3'; }

# shellcheck disable=SC2086
try "C, shared" cc -std=c11 -Wall -Wextra -Werror "$digits/digits.c" $flags \
  -o "$work/shared"
try "run, shared" says_three env LD_LIBRARY_PATH="$libdir" "$work/shared"
# shellcheck disable=SC2046
try "C, static" cc -std=c11 "$digits/digits.c" $(pkg-config --cflags pt2) \
  "$libdir/libpt2.a" $(pkg-config --static --libs-only-l pt2 | sed 's/-lpt2//') \
  -o "$work/static"
try "run, static" says_three "$work/static"
cat > "$work/version.cpp" <<'END'
#include <cstring>
#include "pt2/pt2.hpp"
int main() {
  return std::strcmp(pt2_version(), "0.1.0") || pt2::zeros({2}).numel() != 2;
}
END
sed -i "s/0\.1\.0/$(pkg-config --modversion pt2)/" "$work/version.cpp"
# shellcheck disable=SC2086
try "C++" c++ -std=c++17 -Wall -Wextra -Wpedantic -Werror "$work/version.cpp" \
  $flags -o "$work/version"
try "run, C++" env LD_LIBRARY_PATH="$libdir" "$work/version"
mkdir "$work/app"
cat > "$work/app/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.20)
project(app C)
find_package(pt2 0.1 REQUIRED)
add_executable(app $digits/digits.c)
target_link_libraries(app PRIVATE pt2::pt2)
END
try "find_package" cmake -S "$work/app" -B "$work/app/build" \
  -DCMAKE_PREFIX_PATH="$prefix"
try "build by CMake" cmake --build "$work/app/build"
try "run, CMake" says_three "$work/app/build/app"
try "tool" "$prefix/bin/pt2" --version
try "man page" grep -q '^\.TH PT2 1' "$prefix/share/man/man1/pt2.1"
try "tool runs" "$prefix/bin/pt2" run "$digits/digits.pt2"
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
