#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# For a Mac: builds, runs every test that there is for one, and prints what to
# report (docs/mac.md). Wants Homebrew for libraries and Python 3.11 or later.
# Nobody has run it yet.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root" || exit 1
log=$root/build/check-mac
mkdir -p "$log"
failed=0

step() { # name, then the command
  name=$1
  shift
  if "$@" > "$log/$name.log" 2>&1; then
    echo "$name: good"
  else
    echo "$name: FAILED (build/check-mac/$name.log)"
    tail -n 30 "$log/$name.log" | sed 's/^/    /'
    failed=$((failed + 1))
  fi
}

if [ "$(uname -s)" != Darwin ]; then
  echo "this is no Mac; scripts/cross_macos.py builds for one from here" >&2
  exit 2
fi
step libraries brew install cmake pkg-config jansson libomp cmocka
omp=$(brew --prefix libomp)
step configure cmake --preset release -DPT2_BUILD_EXAMPLES=OFF \
  -DOpenMP_C_FLAGS="-Xpreprocessor -fopenmp -I$omp/include" \
  -DOpenMP_C_LIB_NAMES=omp -DOpenMP_omp_LIBRARY="$omp/lib/libomp.dylib"
step build cmake --build build/release -j"$(sysctl -n hw.ncpu)"
step golden-data tests/golden/unpack.sh
step unit ctest --test-dir build/release --output-on-failure
step devices build/release/pt2 info --backends
step venv python3 -m venv build/mac-venv
step torch build/mac-venv/bin/pip install --quiet torch==2.15.0 numpy safetensors
step cpu build/mac-venv/bin/python tests/mps/on_device.py --device cpu \
  --folder build/mac-packages/cpu
step mps build/mac-venv/bin/python tests/mps/on_device.py --device mps \
  --folder build/mac-packages/mps

echo
echo "--- to report, with the logs of what failed ---"
sw_vers 2> /dev/null
sysctl -n machdep.cpu.brand_string 2> /dev/null
uname -m
git rev-parse HEAD
tail -n 1 "$log/cpu.log" "$log/mps.log" 2> /dev/null
grep -h ": " "$log/cpu.log" "$log/mps.log" 2> /dev/null | grep -v ": good" | head -n 60
echo "$failed steps failed"
[ "$failed" = 0 ]
