#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fuzzes the package reader with clang's libFuzzer: fuzz.sh [SECONDS], 60 unless
# given. Seeds are golden packages; what crashes is left in build/fuzz.
set -eu
cd "$(dirname "$0")/.."
tests/golden/unpack.sh
mkdir -p build/fuzz/corpus
version=$(sed -n 's/^project(pt2 VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
clang -std=c11 -g -O1 -fsanitize=fuzzer,address,undefined \
  -fno-sanitize-recover=undefined -fopenmp=libgomp -D_GNU_SOURCE \
  -DPT2_VERSION_STRING="\"$version\"" -Iinclude -Isrc -Itests \
  src/base/*.c src/package/*.c tests/fuzz/fuzz_package.c \
  -ljansson -lz -lgomp -lpthread -o build/fuzz/fuzz_package
for release in 2.6.0 2.7.1 2.15.0; do
  # The part of the source that is read, marked as text for the target.
  seed=build/fuzz/corpus/$release
  { printf T; unzip -p "build/golden/avx512/$release/mlp.pt2" \
    '*wrapper.cpp' 2> /dev/null || unzip -p \
    "build/golden/avx512/$release/mlp.pt2" '*.cpp'; } |
    sed -n '1s/\(.\).*/\1/p; /::AOTInductorModel(/,/Compile cmd/p' > "$seed"
done
cd build/fuzz
exec ./fuzz_package -max_total_time="${1:-60}" -max_len=40000 -timeout=10 corpus
