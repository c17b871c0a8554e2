# SPDX-License-Identifier: Apache-2.0
"""Packages that the tests of the tool run, compiled with stock PyTorch.

    packages.py FOLDER

writes FOLDER/NAME.pt2 for each of models(), and two.pt2 with two of them.
"""
import os
import pathlib
import sys

# Read when torch is imported: plain AVX2 whatever the machine has, and no line
# tables, which are most of a small package.
os.environ.setdefault("TORCHINDUCTOR_CPP_MARCH", "x86-64-v3")
os.environ.setdefault("AOT_INDUCTOR_ENABLE_LINE_TABLES", "0")

import torch
import torch._inductor.config

DTYPES = {
    "bool": torch.bool,
    "u8": torch.uint8,
    "i8": torch.int8,
    "i16": torch.int16,
    "i32": torch.int32,
    "i64": torch.int64,
    "f16": torch.float16,
    "bf16": torch.bfloat16,
    "f32": torch.float32,
    "f64": torch.float64,
}


class Pair(torch.nn.Module):
    """A dynamic batch, a keyword argument, outputs of which one is None."""

    def forward(self, x, *, scale):
        return {"scaled": x * scale, "nothing": None, "row": x[0] + 1}


class Lookup(torch.nn.Module):
    """Integers that must be small, a second dynamic dimension, weights."""

    def __init__(self):
        super().__init__()
        self.table = torch.nn.Embedding(3, 4)
        with torch.no_grad():
            self.table.weight.copy_(torch.arange(12.0).reshape(3, 4))

    def forward(self, ids):
        return self.table(ids) * 2


class Echo(torch.nn.Module):
    """One tensor of each dtype, doubled or negated."""

    def forward(self, tensors):
        return [t.logical_not() if t.dtype == torch.bool else t + t
                for t in tensors]


class Image(torch.nn.Module):
    """Compiled for channels-last input."""

    def forward(self, x):
        return x * 2 + 1


class Scalar(torch.nn.Module):
    """No dimensions."""

    def forward(self, x):
        return x + 1


class Constant(torch.nn.Module):
    """A large output of NaN, one of infinities."""

    def forward(self, x):
        return x.new_full((100, 100), float("nan")), x + float("inf")


class Custom(torch.nn.Module):
    """Needs an operator that no library has."""

    def forward(self, x):
        return torch.ops.pt2cli.scale_add(x, x) + 1


class Profiled(torch.nn.Module):
    """Two operators and two kernels, which the model reports."""

    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(16, 8)

    def forward(self, x):
        return torch.cumsum(torch.relu(self.linear(x)) + 1, 0)


def register_custom():
    library = torch.library.Library("pt2cli", "DEF")
    library.define("scale_add(Tensor x, Tensor y) -> Tensor")
    library.impl("scale_add", lambda x, y: x + 2 * y, "CPU")
    library.impl("scale_add", lambda x, y: torch.empty_like(x), "Meta")
    return library


def models():
    """name -> (module, args, kwargs, dynamic shapes)"""
    batch = torch.export.Dim("batch", min=2, max=64)
    length = torch.export.Dim("length", min=2, max=1024)
    return {
        "pair": (Pair(), (torch.randn(3, 4),), {"scale": torch.tensor(2.0)},
                 {"x": {0: batch}, "scale": None}),
        "lookup": (Lookup(), (torch.zeros(2, 5, dtype=torch.int64),), {},
                   {"ids": {0: batch, 1: length}}),
        "echo": (Echo(), ([torch.ones(2, 3).to(d) for d in DTYPES.values()],),
                 {}, None),
        "image": (Image(), (torch.randn(2, 3, 4, 5).to(
            memory_format=torch.channels_last),), {}, None),
        "scalar": (Scalar(), (torch.tensor(1.0),), {}, None),
        "constant": (Constant(), (torch.ones(2),), {}, None),
        "custom": (Custom(), (torch.ones(4),), {}, None),
        "profiled": (Profiled(), (torch.randn(4, 16),), {}, None),
    }


# Of torch._inductor.config, where they differ.
CONFIGS = {"profiled": {"cpp.enable_kernel_profile": True}}


def compile_all(folder):
    from torch._inductor.package import package_aoti
    library = register_custom()
    torch.manual_seed(0)
    files = {}
    options = {"aot_inductor.package": True}
    for name, (module, args, kwargs, dynamic) in models().items():
        program = torch.export.export(module.eval(), args, kwargs,
                                      dynamic_shapes=dynamic)
        torch._inductor.aoti_compile_and_package(
            program, package_path=str(folder / f"{name}.pt2"),
            inductor_configs=CONFIGS.get(name))
        if name in ("scalar", "image"):
            files[name] = torch._inductor.aot_compile(
                program.module(), args, kwargs, options=options)
    package_aoti(str(folder / "two.pt2"), files)
    del library


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    # Vectors of AVX2, on machines with AVX-512 too.
    torch._inductor.config.cpp.simdlen = 256
    compile_all(folder)


if __name__ == "__main__":
    main()
