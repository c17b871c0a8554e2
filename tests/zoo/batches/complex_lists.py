# SPDX-License-Identifier: Apache-2.0
"""Operators on lists with complex tensors, which the package calls by name."""
import torch

aten = torch.ops.aten
UNARY = ["abs", "acos", "asin", "atan", "clone", "cos", "cosh", "exp", "expm1",
         "log", "log10", "log1p", "log2", "neg", "reciprocal", "rsqrt",
         "sigmoid", "sin", "sinh", "sqrt", "tan", "tanh", "zero"]


class Batch(torch.nn.Module):
    def forward(self, x, y, z, real, number, numbers):
        # A complex list, and one with a real tensor.
        both, others, mixed = [x, y], [y, z], [x, real]
        results = [r for name in UNARY for tensors in (both, mixed)
                   for r in getattr(aten, "_foreach_" + name)(tensors)]
        for lists in (both, others), (mixed, [real, x]):
            results += aten._foreach_add.List(*lists, alpha=2)
            results += aten._foreach_sub.List(*lists, alpha=3)
            results += aten._foreach_mul.List(*lists)
            results += aten._foreach_div.List(*lists)
            results += aten._foreach_pow.List(*lists)
        for tensors in both, mixed:
            for value in 2, 2.5:
                results += aten._foreach_add.Scalar(tensors, value)
                results += aten._foreach_sub.Scalar(tensors, value)
                results += aten._foreach_mul.Scalar(tensors, value)
                results += aten._foreach_div.Scalar(tensors, value)
                results += aten._foreach_pow.Scalar(tensors, value)
                results += aten._foreach_addcmul.Scalar(tensors, others, both,
                                                        value)
                results += aten._foreach_addcdiv.Scalar(tensors, others, both,
                                                        value)
                results += aten._foreach_pow.ScalarAndTensor(value, tensors)
            results += aten._foreach_add.Tensor(tensors, number)
            results += aten._foreach_mul.Tensor(tensors, number)
            results += aten._foreach_div.Tensor(tensors, number)
        results += aten._foreach_addcmul.Tensor(both, others, both, numbers)
        results += aten._foreach_addcdiv.Tensor(both, others, both, numbers)
        results += aten._foreach_lerp.List(both, others, both)
        results += aten._foreach_norm(both, 2)
        return tuple(results)


def inputs():
    def numbers(*sizes):
        return torch.randn(sizes, dtype=torch.complex64)
    return (numbers(3, 4), numbers(4, 3).t(), numbers(3, 4),
            torch.rand(3, 4) * 0.5 + 0.3, numbers(), torch.rand(2))


OPERATORS = ["aoti_torch_proxy_executor_call_function"]
BY_NAME = [f"aten::_foreach_{name}" for name in UNARY + [
    "add.List", "add.Scalar", "add.Tensor", "addcdiv.Scalar", "addcdiv.Tensor",
    "addcmul.Scalar", "addcmul.Tensor", "div.List", "div.Scalar", "div.Tensor",
    "lerp.List", "mul.List", "mul.Scalar", "mul.Tensor", "norm.Scalar",
    "pow.List", "pow.Scalar", "pow.ScalarAndTensor", "sub.List", "sub.Scalar"]]
