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

flags="-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Werror
  -I$root/include -I$root/tests/cxx -pthread"
golden=-DPT2_TEST_GOLDEN=\"$root/build/golden\"
for way in "g++ -std=c++20" "clang++ -std=c++20" "clang++ -std=c++17"; do
  tests="tensor loader runner constants"
  [ "$way" != "clang++ -std=c++17" ] || tests=tensor
  for test in $tests; do
    source=$root/tests/cxx/test_cxx_$test.cpp
    # shellcheck disable=SC2086
    if [ "$test" = tensor ]; then
      try "$way $test" $way $flags "$golden" "$source" -o "$work/$test" \
        -L"$build" -lpt2 -Wl,-rpath,"$build"
      try "$way $test, run" "$work/$test"
    else
      try "$way $test" $way $flags "$golden" -fsyntax-only "$source"
    fi
  done
done
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
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
