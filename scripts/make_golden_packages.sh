#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Makes the golden packages of tests/golden anew, each with its own release of
# torch from PyPI: a virtual environment of about 5 GB at a time, removed before
# the next. About four minutes a release on two cores.
#
#   make_golden_packages.sh FOLDER [RELEASE...]
#
# PT2_GOLDEN_PYTHON names the Python to make environments with (python3; 3.9 to
# 3.13, since torch 2.6 knows no later one).
set -eu

if [ $# -lt 1 ]; then
  sed -n '3,11s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
folder=$1
shift
[ $# -gt 0 ] || set -- 2.6.0 2.7.1 2.8.0 2.9.1 2.10.0 2.11.0 2.12.1 2.13.0 \
  2.14.1 2.15.0

scripts=$(cd "$(dirname "$0")" && pwd)
python=${PT2_GOLDEN_PYTHON:-python3}
work=$(mktemp -d "${TMPDIR:-/tmp}/golden-packages.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# Only the last releases have a setting for the architecture; the others write
# -march=native. So the compiler they find is this one, which reads that as
# x86-64-v3, and torch itself stays as it came.
mkdir "$work/bin"
cat > "$work/bin/g++" <<WRAPPER
#!/bin/bash
exec "$(command -v g++)" "\${@/#-march=native/-march=x86-64-v3}"
WRAPPER
chmod +x "$work/bin/g++"

for release; do
  "$python" -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --no-cache-dir "torch==$release" numpy \
    safetensors setuptools
  CXX="$work/bin/g++" TORCHINDUCTOR_CACHE_DIR="$work/cache" \
    "$work/venv/bin/python" -W ignore "$scripts/make_golden_packages.py" \
    "$folder"
  rm -rf "$work/venv" "$work/cache"
done
