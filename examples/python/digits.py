# SPDX-License-Identifier: Apache-2.0
"""Reads handwritten digits from Python, in several threads; neither PyTorch nor
NumPy is needed, and arrays of either are taken as they are.

usage: digits.py PACKAGE.pt2 PICTURE.pgm...
"""
import array
import concurrent.futures
import sys

import pt2


def read_picture(path):
    """An 8x8 picture in plain PGM as float32[1, 1, 8, 8]."""
    with open(path) as file:
        kind, width, height, grey_max, *greys = file.read().split()
    if (kind, width, height, grey_max, len(greys)) != ("P2", "8", "8", "16", 64):
        raise ValueError(f"{path}: not an 8x8 picture in plain PGM, greys 0 to 16")
    values = array.array("f", map(float, greys))
    return memoryview(values).cast("B").cast("f", [1, 1, 8, 8])


def main():
    if len(sys.argv) < 3:
        print(__doc__.splitlines()[-1], file=sys.stderr)
        return 2
    package, *pictures = sys.argv[1:]
    try:
        # Two instances of the model: two threads run at once.
        model = pt2.load_package(package, num_runners=2, returns="pt2")

        def classify(path):
            probabilities = model(read_picture(path)).tolist()[0]
            return max(enumerate(probabilities), key=lambda pair: pair[1])

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for path, (digit, share) in zip(pictures, pool.map(classify, pictures)):
                print(f"{path}: {digit} ({100 * share:.2f} %)")
    except (pt2.Error, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
