#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Unpacks the golden packages, once: unpack.sh [FOLDER], build/golden unless
# given. Each archive goes to a folder of its own name.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "${1:-$here/../../build/golden}"
cd "${1:-$here/../../build/golden}"
for archive in "$here"/*.tar.zst; do
  name=$(basename "$archive" .tar.zst)
  if [ ! -e "$name/.unpacked" ] || [ "$archive" -nt "$name/.unpacked" ]; then
    rm -rf "$name" "$name.new"
    mkdir "$name.new"
    (cd "$name.new" && cmake -E tar xf "$archive" && touch .unpacked)
    mv "$name.new" "$name"
  fi
done
