#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes build/dist/pt2-VERSION.tar.gz from the commit that is checked out: the
# same bytes for the same commit. What is not committed is not in it.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
version=$(git -C "$root" show HEAD:include/pt2/pt2.h |
  sed -n 's/^#define PT2_VERSION_[A-Z]* //p' | paste -sd.)
name=pt2-$version
mkdir -p "$root/build/dist"
archive=$root/build/dist/$name.tar.gz
git -C "$root" diff --quiet HEAD ||
  echo "note: what is not committed is left out" >&2
git -C "$root" -c tar.umask=0022 archive --format=tar --prefix="$name/" HEAD \
  > "$archive.tar"
gzip -9n < "$archive.tar" > "$archive.new"
rm "$archive.tar"
mv "$archive.new" "$archive"
echo "$archive"
