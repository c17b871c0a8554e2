# SPDX-License-Identifier: Apache-2.0
"""Operators on lists of tensors, which the package calls by name."""
import torch

aten = torch.ops.aten
UNARY = ["acos", "asin", "atan", "ceil", "cos", "cosh", "erf", "erfc", "exp",
         "expm1", "floor", "frac", "lgamma", "log", "log10", "log1p", "log2",
         "round", "sigmoid", "sin", "sinh", "tan", "tanh", "trunc"]


class Batch(torch.nn.Module):
    def forward(self, x, y):
        both = [x, y]
        results = [r for name in UNARY
                   for r in getattr(aten, "_foreach_" + name)(both)]
        return (*results, *aten._foreach_norm(both, 2),
                *aten._foreach_norm(both, 1.0), *aten._foreach_max(both),
                *aten._foreach_mm(both, [y.T, x.T]),
                *aten._foreach_lerp(both, [x * 2, y + 1], [x, y]))


def inputs():
    return torch.rand(3, 4), torch.rand(5, 4)


OPERATORS = ["aoti_torch_proxy_executor_call_function"]
BY_NAME = [f"aten::_foreach_{name}" for name in
           UNARY + ["norm.Scalar", "max", "mm", "lerp.List"]]
