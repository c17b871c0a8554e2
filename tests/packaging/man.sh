#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The man page is made from the manual as it is, names every option that the
# tool's help does, and no formatter complains about it.
set -u
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
tool=${1:-$root/build/release/pt2}
page=$root/docs/man/pt2.1

try "made from docs/pt2.md" python3 "$root/scripts/make_man.py" --check

# A word of the help that begins with one or two hyphens and a letter.
options() {
  for verb in $("$tool" --help | sed -n '/^verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p') ''; do
    # shellcheck disable=SC2086
    "$tool" $verb --help || return 1
  done | grep -oE '(^|[^A-Za-z0-9-])--?[a-z][a-z-]*' | grep -oE -- '--?[a-z-]+' |
    sort -u
}
options > "$work/options"
enough() { [ "$(wc -l < "$work/options")" -ge 20 ] || { cat "$work/options"; return 1; }; }
try "the help has options" enough
sed 's/\\-/-/g; s/\\f[BR]//g' "$page" > "$work/page"
while read -r option; do
  try "$option" grep -qE -- "(^|[^a-z-])$option([^a-z-]|\$)" "$work/page"
done < "$work/options"

if command -v groff > /dev/null; then
  quiet() { ! groff -t -man -Tutf8 -ww "$page" 2>&1 > /dev/null | grep .; }
  try "groff" quiet
else
  echo "SKIPPED groff is not installed"
  skipped=$((skipped + 1))
fi
finish
