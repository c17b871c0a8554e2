# SPDX-License-Identifier: Apache-2.0
"""Changes a model's weights while another thread runs it: a scaled copy is filled
in beside those in force, and the two change places between two runs.

usage: weights.py PACKAGE.pt2 FACTOR
"""
import sys
import threading

import numpy as np
import pt2


def main():
    package, factor = sys.argv[1], float(sys.argv[2])
    loader = pt2.load_package(package, num_runners=2, returns="numpy").loader
    inputs = [np.ones([dim if isinstance(dim, int) else dim.min for dim in info.shape],
                      dtype=info.dtype) for info in loader.get_inputs()]
    seen, ready, done = [], threading.Event(), threading.Event()

    def serve():
        while not done.is_set():
            seen.append(float(loader.run(inputs)[0].sum()))
            ready.set()
        seen.append(float(loader.run(inputs)[0].sum()))

    thread = threading.Thread(target=serve)
    thread.start()
    ready.wait()
    old = loader.extract_constants_map(False)
    loader.load_constants({name: tensor * tensor.dtype.type(factor)
                           for name, tensor in old.items()}, True, True)
    loader.swap_constant_buffer()
    done.set()
    thread.join()
    # Every run saw one version of all weights: there are two sums, no mixture.
    print(f"{len(old)} constants; sums {sorted({round(value, 3) for value in seen})}")


if __name__ == "__main__":
    main()
