# SPDX-License-Identifier: Apache-2.0
"""A package whose arguments and result lie in containers of every kind, compiled
once into build/python-packages."""
import collections
import dataclasses
import hashlib
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build/python-packages"

os.environ.setdefault("TORCHINDUCTOR_CPP_MARCH", "x86-64-v3")
os.environ.setdefault("AOT_INDUCTOR_ENABLE_LINE_TABLES", "0")

import torch
import torch.utils._pytree as pytree

Point = collections.namedtuple("Point", ["x", "y"])


@dataclasses.dataclass
class Box:
    low: object
    high: object
    label: object = None


pytree._register_namedtuple(
    Point, serialized_type_name="container_package.Point")
torch.export.register_dataclass(
    Box, serialized_type_name="container_package.Box")


class Network(torch.nn.Module):

    def forward(self, a, rest, *, box, point, table, factor, mask=None):
        total = a * factor + rest[0] + rest[1]["k"]
        return {
            "box": Box(low=total, high=box.high - box.low),
            "point": Point(point.y, point.x),
            "row": [table[3], (table["three"], None)],
            "ordered": collections.OrderedDict(z=a + 1, y=a + 2),
            "queue": collections.deque([a + 3, a + 4], maxlen=5),
            7: a + 5,
        }


def arguments(make):
    """(args, kwargs); make(number) is a tensor of two elements."""
    return ((make(1.0), [make(2.0), {"k": make(3.0)}]),
            {"box": Box(make(4.0), make(5.0)), "point": Point(make(6.0),
                                                              make(7.0)),
             "table": {3: make(8.0), "three": make(9.0)}, "factor": 10,
             "mask": None})


def build():
    text = pathlib.Path(__file__).read_bytes() + torch.__version__.encode()
    path = FOLDER / f"containers-{hashlib.sha256(text).hexdigest()[:16]}.pt2"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        args, kwargs = arguments(lambda number: torch.full((2,), number))
        exported = torch.export.export(Network(), args, kwargs)
        partial = path.with_suffix(".partial.pt2")
        torch._inductor.aoti_compile_and_package(
            exported, package_path=str(partial),
            inductor_configs={"cpp.simdlen": 256})
        partial.rename(path)
    return path


if __name__ == "__main__":
    print(build())
