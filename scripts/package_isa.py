# SPDX-License-Identifier: Apache-2.0
"""Says whether the machine code in packages stays within x86-64-v3 (AVX2).

usage: package_isa.py PACKAGE.pt2...

Packages that the repository carries must run on any x86-64-v3 machine, and a
compiler that was told otherwise shows only as SIGILL on somebody else's. So
every instruction of every shared library in a package is looked at.
"""

import re
import subprocess
import sys
import tempfile
import zipfile

# What AVX-512 brings is seen in the registers: zmm, the upper sixteen of xmm
# and ymm, and the masks. The other extensions past x86-64-v3 are seen in the
# mnemonic.
_BEYOND_V3 = re.compile(
    r"%zmm|%[xy]mm(?:1[6-9]|2\d|3[01])\b|%k[0-7]\b"
    r"|\t(?:\{[a-z]+\}\s*)?(?:v?aes|v?pclmul|sha1|sha256|v?gf2p8|vpdp|vpmadd52"
    r"|adcx|adox|rdrand|rdseed|cldemote|tile|tdp|xbegin|vcvtne)"
)


def instructions_beyond_v3(library: str) -> list[str]:
    """Lines of the disassembly of |library| that x86-64-v3 cannot run."""
    listing = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", library],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    code = [line for line in listing.splitlines() if re.match(r"\s+[0-9a-f]+:\t", line)]
    if not code:
        raise ValueError(f"{library}: objdump shows no instruction")
    return [line for line in code if _BEYOND_V3.search(line)]


def check_package(path: str) -> list[str]:
    """Same for every shared library in the package at |path|."""
    found = []
    with zipfile.ZipFile(path) as package, tempfile.TemporaryDirectory() as folder:
        libraries = [n for n in package.namelist() if n.endswith(".so")]
        if not libraries:
            raise ValueError(f"{path}: no shared library inside")
        for name in libraries:
            found += instructions_beyond_v3(package.extract(name, folder))
    return found


def main(paths: list[str]) -> int:
    bad = 0
    for path in paths:
        found = check_package(path)
        if found:
            bad += 1
            print(f"{path}: {len(found)} instructions beyond x86-64-v3, first:")
            print(found[0])
        else:
            print(f"{path}: x86-64-v3")
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
