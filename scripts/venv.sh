#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes build/venv with PyTorch and what the tests import, once. PT2_TEST_PYTHON
# names another Python that has them.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
if [ -n "${PT2_TEST_PYTHON:-}" ]; then
  exit 0
fi
venv=$root/build/venv
wanted='torch==2.15.0 numpy safetensors scikit-learn pytest jinja2 tokenizers expecttest mkdocs-material ziglang'
if [ -e "$venv/wanted" ] && [ "$(cat "$venv/wanted")" = "$wanted" ]; then
  exit 0
fi
rm -rf "$venv"
python3 -m venv "$venv"
# shellcheck disable=SC2086
"$venv/bin/python" -m pip install --quiet $wanted
echo "$wanted" > "$venv/wanted"
