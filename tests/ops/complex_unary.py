# SPDX-License-Identifier: Apache-2.0
"""Functions of one complex tensor, which models call by name."""
import torch
from harness import ALL_COMPLEX, COMPLEX, Bad, op

aten = torch.ops.aten


def samples(make):
    for sizes in [(7,), (3, 4), (2, 3, 4, 5)]:
        for x in make.layouts(*sizes):
            yield x,
    yield make(),
    yield make(0, 3),
    yield make(3000),
    yield make(6) * 1e-4,
    yield torch.zeros(2, dtype=make.dtype),


def bad(make):
    # PyTorch compiles it for real tensors: they do not come by name.
    yield Bad((make(3).real.clone(),), "complex64 and complex128",
              torch_refuses=False)
    yield (None,), "self: expected a tensor, got None"


for name in ["acos", "acosh", "asin", "asinh", "atan", "atanh", "cosh", "exp2",
             "expm1", "log10", "log1p", "log2", "logical_not", "rsqrt", "sinh",
             "tan"]:
    op(f"aten::{name}", aten=getattr(aten, name).default, dtypes=COMPLEX,
       samples=samples, bad=bad)

# PyTorch has these for complex32, too.
HALVES = ["isinf", "isnan", "_conj_physical", "neg"]

for name in HALVES[:3]:
    op(f"aten::{name}", aten=getattr(aten, name).default, dtypes=ALL_COMPLEX,
       samples=samples, bad=bad)


def extremes(make):
    inf, nan = float("inf"), float("nan")
    values = [complex(x, y) for x in (0.0, -0.0, 1.5, inf, -inf, nan)
              for y in (0.0, 2.5, inf, -inf, nan)]
    yield torch.tensor(values, dtype=make.dtype),


# Infinite, NaN and zero where PyTorch's are.
for name in ["_conj_physical", "neg", "reciprocal", "rsqrt", "isinf", "isnan",
             "logical_not"]:
    op(f"aten::{name}", aten=getattr(aten, name).default,
       dtypes=ALL_COMPLEX if name in HALVES else COMPLEX, samples=extremes,
       bad=False, exact=name in ["isinf", "isnan", "logical_not"])
