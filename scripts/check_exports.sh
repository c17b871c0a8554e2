#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails if the libraries in the build folder given export anything but pt2_*, or
# lack a function that the public headers declare.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=${1:-$root/build/release}
status=0
# Of type A are the names of the symbol versions.
nm -D --defined-only "$build/libpt2.so" | awk '$2 != "A" {print $3}' |
  sed 's/@.*//' | sort -u > "$build/exports.txt"
nm -g --defined-only "$build/libpt2.a" | awk 'NF == 3 {print $3}' | sort -u \
  > "$build/exports_static.txt"
for list in exports exports_static; do
  foreign=$(grep -v '^pt2_[a-z0-9]' "$build/$list.txt" || true)
  if [ -n "$foreign" ]; then
    echo "$list: not pt2_*: $foreign"
    status=1
  fi
done
# What the headers declare: names behind PT2_API.
cat "$root"/include/pt2/*.h | tr '\n' ' ' | grep -oE 'PT2_API[^;{]*;' |
  grep -oE '\bpt2_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u > "$build/declared.txt"
for list in exports exports_static; do
  missing=$(comm -23 "$build/declared.txt" "$build/$list.txt")
  if [ -n "$missing" ]; then
    echo "$list: declared, but not there: $missing"
    status=1
  fi
done
[ $status -ne 0 ] || echo "exports: $(wc -l < "$build/exports.txt") names, all pt2_*"
exit $status
