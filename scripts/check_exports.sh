#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fails if the libraries in the build folder given export anything but pt2_*, or
# lack a function that the public headers declare, or if they want a newer glibc
# than 2.34.
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
# Newer functions of glibc than the oldest system that a build here is for:
# cmake/oldest_glibc.c. From 2.38 on the headers themselves rename functions, so
# that no build for older systems is made there.
files=
case $(getconf GNU_LIBC_VERSION 2> /dev/null) in
  "glibc 2.3"[0-7]) files="$build/libpt2.so $build/pt2" ;;
esac
for file in $files; do
  newer=$(nm -D --undefined-only "$file" | grep -oE '[a-z_0-9]+@GLIBC_[0-9.]+' |
    awk -F'@GLIBC_' '{split($2, v, "."); if (v[1] > 2 || v[2] > 34) print}')
  if [ -n "$newer" ]; then
    echo "$file: newer than glibc 2.34: $newer"
    status=1
  fi
done
[ $status -ne 0 ] || echo "exports: $(wc -l < "$build/exports.txt") names, all pt2_*"
exit $status
