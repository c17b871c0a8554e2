#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The C++ header by two compilers in two standards. Builds compile and run all of
# tests/cxx by g++ and compile it by clang++ as C++17; this compiles it as C++20
# by both, and runs one program of each of the other three.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
build=${1:-$root/build/release}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: > "$work/results"
try() { # title, then the command; several run at once
  title=$1
  shift
  if said=$("$@" 2>&1); then
    echo passed >> "$work/results"
  else
    echo failed >> "$work/results"
    printf 'FAILED %s\n%s\n' "$title" "$said"
  fi
}

flags="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Werror
  -I$root/include -I$root/tests/cxx -pthread"
golden=-DPT2_TEST_GOLDEN=\"$root/build/golden\"
compile() { # compiler and standard, then the tests; the first is run too
  way=$1
  shift
  # shellcheck disable=SC2086
  try "$way $1" $way $flags "$golden" "$root/tests/cxx/test_cxx_$1.cpp" \
    -o "$work/$way $1" -L"$build" -lpt2 -Wl,-rpath,"$build"
  try "$way $1, run" "$work/$way $1"
  shift
  for test in "$@"; do
    # shellcheck disable=SC2086
    try "$way $test" $way $flags "$golden" -fsyntax-only \
      "$root/tests/cxx/test_cxx_$test.cpp"
  done
}
compile "g++ -std=c++20" loader tensor runner constants threads &
compile "clang++ -std=c++20" loader tensor runner constants threads &
compile "clang++ -std=c++17" loader &
# Without RTTI; two files of one program.
cat > "$work/other.cpp" <<'END2'
#include "pt2/pt2.hpp"
bool fits() { return pt2::zeros({2}).numel() == 2; }
END2
cat > "$work/main.cpp" <<'END2'
#include "pt2/pt2.hpp"
bool fits();
int main() {
  try {
    pt2::AOTIModelPackageLoader loader("none.pt2");
  } catch (const pt2::Error& error) {
    return fits() && error.status() == PT2_STATUS_NOT_FOUND ? 0 : 1;
  }
  return 1;
}
END2
# shellcheck disable=SC2086
try "no RTTI" g++ -std=c++17 -fno-rtti $flags "$work/main.cpp" \
  "$work/other.cpp" -o "$work/main" -L"$build" -lpt2 -Wl,-rpath,"$build"
try "no RTTI, run" "$work/main"
wait
passed=$(grep -c passed "$work/results")
failed=$(grep -c failed "$work/results")
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
