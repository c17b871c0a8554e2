# shellcheck shell=sh disable=SC2034
# SPDX-License-Identifier: Apache-2.0
# For the tests of this folder: $root, a folder $work that goes at the end, and
# try, which counts.
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
skipped=0
version=$(sed -n 's/^#define PT2_VERSION_[A-Z]* //p' "$root/include/pt2/pt2.h" |
  paste -sd.)

try() { # title, then the command
  title=$1
  shift
  if "$@" > "$work/log" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED $title"
    cat "$work/log"
  fi
}

finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
}

# Runs a golden package with the tool given: the answers are eager PyTorch's.
golden() {
  "$root/tests/golden/unpack.sh" || return 1
  set -- "$@" run "$root/build/golden/avx2/2.15.0/mlp.pt2" \
    --input=@"$root/build/golden/avx2/mlp.inputs.safetensors" \
    --expected-output=@"$root/build/golden/avx2/mlp.expected.safetensors"
  if grep -q avx2 /proc/cpuinfo; then
    "$@"
  else
    "$@" && return 1
    [ $? -eq 3 ] # refused for this CPU, by name
  fi
}
