#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a copy of a package whose metadata names another device.

    retarget.py PACKAGE.pt2 OUT.pt2 [--device=null]

For devices that run the cpu's code, as the back end "null" does.
"""
import argparse
import json
import pathlib
import sys
import zipfile


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package")
    parser.add_argument("out")
    parser.add_argument("--device", default="null")
    arguments = parser.parse_args()
    pathlib.Path(arguments.out).parent.mkdir(parents=True, exist_ok=True)
    changed = 0
    with zipfile.ZipFile(arguments.package) as package, \
            zipfile.ZipFile(arguments.out, "w") as out:
        for entry in package.infolist():
            data = package.read(entry)
            if entry.filename.endswith("_metadata.json"):
                metadata = json.loads(data)
                if "AOTI_DEVICE_KEY" in metadata:
                    metadata["AOTI_DEVICE_KEY"] = arguments.device
                    data = json.dumps(metadata).encode()
                    changed += 1
            out.writestr(entry.filename, data, zipfile.ZIP_STORED)
    if changed == 0:
        sys.exit(f"{arguments.package}: no AOTI_DEVICE_KEY in its metadata")


main()
