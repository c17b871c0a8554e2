#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Unpacks the packages for mps, once: unpack.sh [FOLDER], build/mps/packages
# unless given.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-$here/../../build/mps/packages}
mkdir -p "$folder"
cd "$folder"
for archive in "$here"/packages.*.tar.xz "$here"/sweeps.*.tar.xz; do
  mark=.$(basename "$archive" .tar.xz)
  if [ ! -e "$mark" ] || [ "$archive" -nt "$mark" ]; then
    cmake -E tar xf "$archive"
    touch "$mark"
  fi
done
