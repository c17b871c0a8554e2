# SPDX-License-Identifier: Apache-2.0
"""File objects as sources of packages."""
import io

# Those whose bytes are the file's of their descriptor; a GzipFile has one too,
# of the compressed file.
_PLAIN = (io.FileIO, io.BufferedReader, io.BufferedRandom)


def contents(file):
    """The descriptor of a plain file, or all of what `file` holds, from its
    start on. It stands where it stood before."""
    if getattr(file, "closed", False):
        raise ValueError("I/O operation on closed file")
    # tempfile's wrappers hold the file in an attribute of this name.
    plain = file if type(file) in _PLAIN else getattr(file, "file", None)
    if type(plain) in _PLAIN:
        raw = getattr(plain, "raw", plain)
        if type(raw) is io.FileIO and raw.seekable():
            if plain.writable():
                plain.flush()
            return raw.fileno()
    if not file.seekable():
        return file.read()
    place = file.tell()
    file.seek(0)
    try:
        return file.read()
    finally:
        file.seek(place)
