#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The source archive: the same bytes twice, all that is committed, and it builds
# where there is no git.
set -u
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
archive=$root/build/dist/pt2-$version.tar.gz
tree=$work/pt2-$version

try "make" "$root/scripts/make_dist.sh"
cp "$archive" "$work/first" || exit 1
try "make again" "$root/scripts/make_dist.sh"
try "the same bytes" cmp "$work/first" "$archive"
try "unpack" tar xf "$archive" -C "$work"
complete() {
  git -C "$root" ls-tree -r --name-only HEAD | sort > "$work/committed"
  (cd "$tree" && find . -type f -o -type l) | sed 's,^\./,,' | sort > "$work/packed"
  [ -s "$work/committed" ] && diff "$work/committed" "$work/packed"
}
try "all that is committed" complete
try "configure" cmake -S "$tree" -B "$tree/build/release" \
  -DCMAKE_BUILD_TYPE=Release -DPT2_BUILD_TESTS=OFF
try "compile" cmake --build "$tree/build/release" -j2 \
  --target pt2_base pt2_tensor
# The library itself, of the objects that are compiled here.
try "configure, link" cmake -S "$tree" -B "$tree/build/link" \
  -DCMAKE_BUILD_TYPE=Release -DPT2_BUILD_TESTS=OFF -DPT2_BUILD_BENCH=OFF \
  -DPT2_REUSE_BUILD="$root/build/release"
try "link" cmake --build "$tree/build/link" -j2
says_three() {
  "$tree/build/link/examples/digits" "$tree/examples/digits/digits.pt2" \
    "$tree/examples/digits/pictures/3.pgm" | grep 'This is a 3'
}
try "example" says_three
finish
