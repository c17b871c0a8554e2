#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the documentation as a site into build/site: docs.sh [MkDocs' options].
# MkDocs comes from PT2_TEST_PYTHON or build/venv where that has it, otherwise
# from build/docs-venv, which is made once.
set -eu
cd "$(dirname "$0")/.."
python=
for candidate in "${PT2_TEST_PYTHON:-}" build/venv/bin/python \
  build/docs-venv/bin/python; do
  if [ -n "$candidate" ] &&
    "$candidate" -c 'import mkdocs, material' > /dev/null 2>&1; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  rm -rf build/docs-venv
  python3 -m venv build/docs-venv
  python=build/docs-venv/bin/python
  "$python" -m pip install --quiet 'mkdocs>=1.6,<2' mkdocs-material
fi
NO_MKDOCS_2_WARNING=1 exec "$python" -m mkdocs build --quiet --strict "$@"
