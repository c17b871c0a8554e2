#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# All checks: what they need first, then scripts/check.py (same arguments).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
"$root/scripts/get_deps.sh" --check
exec python3 "$root/scripts/check.py" "$@"
