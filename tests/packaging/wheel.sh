#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the wheel of build/wheel (scripts/make_wheel.sh) into an empty virtual
# environment, imports it, runs golden packages with the module and the tool.
set -u
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
folder=$root/build/wheel
set -- "$folder/pt2-$version"-*.whl
wheel=$1
clean=$work/venv
pip="$folder/venv/bin/python -m pip --disable-pip-version-check"

one() { echo "$@"; [ $# -eq 1 ] && [ -e "$1" ]; }
try "one wheel" one "$@"
for_many() { echo "$wheel" | grep -qE 'cp3[0-9]+-abi3-manylinux_2_[0-9]+_x86_64'; }
try "for many systems and Pythons" for_many
holds() {
  python3 -m zipfile -l "$wheel" > "$work/list" || return 1
  for path in pt2/__init__.py pt2/_pt2.abi3.so pt2/libpt2.so.0 pt2/bin/pt2 \
    pt2/libgomp.so.1 pt2/libsleef.so.3 pt2.libs/libjansson \
    pt2/licenses/libgomp1.txt "pt2-$version.data/scripts/pt2" \
    "pt2-$version.dist-info/licenses/LICENSE"; do
    grep -q "^$path" "$work/list" || { echo "no $path"; return 1; }
  done
}
try "contents" holds
no_foreign() { ! grep -iE '^[^ ]*(torch/|libtorch|libc10|__pycache__|\.a |\.h )' "$work/list"; }
try "nothing of torch" no_foreign

python3 -m venv --without-pip "$clean"
# shellcheck disable=SC2086
try "install" $pip --python "$clean/bin/python" install --no-index --no-deps \
  "$wheel"
alone() {
  # shellcheck disable=SC2086
  $pip --python "$clean/bin/python" list --format=freeze > "$work/freeze"
  cat "$work/freeze"
  [ "$(cat "$work/freeze")" = "pt2==$version" ]
}
try "it needs nothing else" alone
import_alone() { (cd "$work" && "$clean/bin/python" -c "
import sys, pt2
assert pt2.__version__ == '$version', pt2.__version__
assert not {'torch', 'numpy'} & set(sys.modules)"); }
try "import" import_alone
tool_version() { (cd "$work" && "$clean/bin/pt2" --version | grep -F "$version"); }
try "tool" tool_version
try "tool, golden package" golden "$clean/bin/pt2"
exit_code() { "$clean/bin/pt2" run "$work/none.pt2"; [ $? -eq 1 ]; }
try "tool, exit code" exit_code

# The module takes what speaks DLPack; numpy does.
# shellcheck disable=SC2086
try "numpy" $pip --python "$clean/bin/python" install --quiet numpy
if grep -q avx2 /proc/cpuinfo; then
  user() { (cd "$work" && "$clean/bin/python" "$root/tests/packaging/wheel_user.py" \
    "$root/build/golden/avx2" "$clean"); }
  try "module, golden packages" user
else
  echo "SKIPPED the golden packages want AVX2"
  skipped=$((skipped + 1))
fi
# shellcheck disable=SC2086
try "uninstall" $pip --python "$clean/bin/python" uninstall -qy pt2
gone() { ! find "$clean" -path '*pt2*' -type f | grep .; }
try "nothing is left" gone
finish
