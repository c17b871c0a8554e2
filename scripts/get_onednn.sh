#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Puts oneDNN's headers and library (PyPI: onednn-devel-cpu-gomp and
# onednn-cpu-gomp, the flavour that uses libgomp as models do) into the folder
# given, build/deps/onednn by default.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
target=${1:-$root/build/deps/onednn}
version=2023.2.0
if [ -e "$target/include/dnnl.h" ] && [ -e "$target/lib/libdnnl.so.3" ]; then
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --no-deps --dest "$work" \
  "onednn-cpu-gomp==$version" "onednn-devel-cpu-gomp==$version"
for wheel in "$work"/*.whl; do
  python3 -m zipfile -e "$wheel" "$work/unpacked"
done
mkdir -p "$target/include" "$target/lib"
find "$work/unpacked" -path '*include*' -type d -name include | head -1 |
  while read -r folder; do cp -r "$folder/." "$target/include/"; done
found=$(find "$work/unpacked" -name 'libdnnl.so*' -type f | head -1)
cp "$found" "$target/lib/libdnnl.so.3"
test -e "$target/include/dnnl.h"
echo "oneDNN is in $target"
