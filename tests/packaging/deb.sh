#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages of build/deb (scripts/make_deb.sh) into an empty
# root by dpkg, whose database there knows what is installed here: so their
# dependencies must be met. The tool runs from there, and a program is compiled
# against it.
set -u
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
debs=$root/build/deb
clean=$work/root
triplet=$(cc -print-multiarch)
libdir=$clean/usr/lib/$triplet

dpkg_there() {
  as_root=
  [ "$(id -u)" = 0 ] || as_root=fakeroot
  $as_root dpkg --root="$clean" --log="$work/dpkg.log" \
    --force-script-chrootless "$@"
}
control() { dpkg-deb -f "$debs/$1_${version}_"*.deb "$2"; }
holds() { # package, then the paths that it must have
  dpkg-deb --fsys-tarfile "$debs/$1_${version}_"*.deb | tar t > "$work/list"
  shift
  for path; do
    grep -qx "./$path" "$work/list" || { echo "no $path"; return 1; }
  done
}
needs() { # package, then names that its Depends must and (after "not") must not have
  listed=$(control "$1" Depends)
  shift
  echo "$listed"
  wanted=true
  for name; do
    if [ "$name" = not ]; then
      wanted=false
    elif echo ", $listed" | grep -q ", $name\\( \\|,\\|\$\\)"; then
      $wanted || { echo "needs $name"; return 1; }
    else
      ! $wanted || { echo "does not need $name"; return 1; }
    fi
  done
}
says_three() {
  env LD_LIBRARY_PATH="$libdir" "$@" "$root/examples/digits/digits.pt2" \
    "$root/examples/digits/pictures/3.pgm" | grep 'This is a 3'
}

try "library package" holds libpt2-0 "usr/lib/$triplet/libpt2.so.0" \
  "usr/lib/$triplet/libpt2.so.$version" usr/share/doc/libpt2-0/copyright \
  usr/share/doc/libpt2-0/changelog.gz
try "development package" holds libpt2-dev usr/include/pt2/pt2.h \
  "usr/lib/$triplet/libpt2.so" "usr/lib/$triplet/libpt2.a" \
  "usr/lib/$triplet/pkgconfig/pt2.pc" \
  "usr/lib/$triplet/cmake/pt2/pt2Config.cmake" \
  usr/share/doc/libpt2-dev/copyright
try "tool package" holds pt2 usr/bin/pt2 usr/share/man/man1/pt2.1.gz \
  usr/share/doc/pt2/copyright
try "the library's Depends" needs libpt2-0 libc6 libgomp1 libjansson4 \
  libstdc++6 zlib1g not libpt2-0 libsleef3 libcmocka0
try "the tool's Depends" needs pt2 libpt2-0 libc6 not libpt2-dev libgomp1
try "the headers' Depends" needs libpt2-dev libpt2-0
try "symbols" dpkg-gensymbols -c4 -plibpt2-0 -v"$version" \
  -e"$root/build/deb/libpt2.so.$version" -I"$root/abi/libpt2.symbols" \
  -O"$work/symbols"

mkdir -p "$clean/var/lib/dpkg/info" "$clean/var/lib/dpkg/updates" \
  "$clean/var/lib/dpkg/triggers" "$clean/tmp"
cp /var/lib/dpkg/status "$clean/var/lib/dpkg/status"
[ ! -e /var/lib/dpkg/arch ] || cp /var/lib/dpkg/arch "$clean/var/lib/dpkg/"
refuses_alone() { ! dpkg_there -i "$debs/pt2_${version}_"*.deb; }
try "the tool is refused without the library" refuses_alone
try "install" dpkg_there -i "$debs"/libpt2-0_*.deb "$debs"/libpt2-dev_*.deb \
  "$debs"/pt2_*.deb
# shellcheck disable=SC2016
installed() {
  dpkg-query --admindir="$clean/var/lib/dpkg" -W \
    -f '${db:Status-Abbrev} ${Version}\n' libpt2-0 libpt2-dev pt2 |
    grep -c "^ii  $version\$" | grep -qx 3
}
try "installed" installed
not_ours() { ! objdump -p "$clean/usr/bin/pt2" | grep -E 'RPATH|RUNPATH'; }
try "the tool has no path of its own" not_ours
stripped() { ! objdump -h "$libdir/libpt2.so.0" | grep -E 'debug_|symtab'; }
try "stripped" stripped

try "version" sh -c "LD_LIBRARY_PATH='$libdir' '$clean/usr/bin/pt2' --version |
  grep -F '$version'"
try "golden package" golden env LD_LIBRARY_PATH="$libdir" "$clean/usr/bin/pt2"
try "man page" sh -c "gzip -dc '$clean/usr/share/man/man1/pt2.1.gz' |
  grep -q '^\.TH PT2 1'"

export PKG_CONFIG_PATH="$libdir/pkgconfig"
# shellcheck disable=SC2046
try "compile" cc -std=c11 -Wall -Werror "$root/examples/digits/digits.c" \
  $(pkg-config --cflags --libs pt2) -o "$work/digits"
try "run" says_three "$work/digits"
# shellcheck disable=SC2046
try "compile, static" cc -std=c11 "$root/examples/digits/digits.c" \
  $(pkg-config --cflags pt2) "$libdir/libpt2.a" \
  $(pkg-config --static --libs-only-l pt2 | sed 's/-lpt2//') -o "$work/static"
try "run, static" says_three "$work/static"

try "remove" dpkg_there --purge pt2 libpt2-dev libpt2-0
left() { ! find "$clean/usr" -type f | grep .; }
try "nothing is left" left

# What lintian says; it is used where it is installed. Two of its findings stay:
# CPack calls ldconfig in maintainer scripts, and the maintainer's address is for
# whoever distributes the packages.
if command -v lintian > /dev/null; then
  try "lintian" lintian --allow-root --fail-on error,warning --suppress-tags \
    maintscript-calls-ldconfig,bogus-mail-host,bogus-mail-host-in-debian-changelog \
    "$debs"/*.deb
else
  echo "SKIPPED lintian is not installed"
  skipped=$((skipped + 1))
fi
finish
