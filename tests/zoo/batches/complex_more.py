# SPDX-License-Identifier: Apache-2.0
"""More of complex tensors, and other operators without a C function that models
meet: the proxy executor calls them by name."""
import torch

aten = torch.ops.aten


class Batch(torch.nn.Module):
    def functions(self, z):
        return (z.acos(), z.acosh(), z.asin(), z.asinh(), z.atan(), z.atanh(),
                z.cosh(), z.sinh(), z.tan(), z.exp2(), z.expm1(), z.log10(),
                z.log2(), z.log1p(), z.rsqrt(), z.isnan(), z.isinf(),
                aten._conj_physical(z), aten.logical_not(z), aten.logical_and(z, z),
                aten.logical_or(z, z), aten.logical_xor(z, z), z != z, z == 1,
                z != 0, aten.div.Scalar(z, 3), aten.ldexp(z, z),
                aten.addcmul(z, z, z, value=2.5), aten.addcdiv(z, z, z + 2))

    def views(self, z):
        return (*aten.split(z, 2, 1), *aten.split_with_sizes(z, [1, 3], 0),
                *z.unbind(0), z.select(1, 2), z.diagonal(1), z.unfold(1, 2, 1),
                aten.as_strided(z, [2, 2], [4, 1], 1), z[None].squeeze(),
                aten.squeeze.dims(z[None, :, None], [0, 2]), z.repeat(2, 3))

    def indexing(self, z, index):
        padded = aten.constant_pad_nd(z, [1, 0, 2, 1])
        shifted = aten.slice_scatter(z, z[:, :2], 1, 2, 4)
        return (padded, shifted, z.gather(1, index), z[index[0]],
                z.scatter(0, index, z),
                z.scatter(0, index, 2.0), z.scatter_add(0, index, z),
                aten._unsafe_index(z, [index[0], None]),
                aten.copy(z, z[0]))

    def forward(self, a, b, index, table):
        z = torch.complex(a, b)
        table = aten.embedding_renorm(table, index, 1.0, 2.0)
        return (*self.functions(z), *self.views(z), *self.indexing(z, index),
                z.var(), z.var(0, correction=0), *torch.var_mean(z, 1), z.any(),
                z.any(0), aten.any.dims(z, [0, 1]), table,
                aten.hash_tensor(a, [0]),
                aten.addmm(z, z, z, beta=2, alpha=0.5),
                aten.baddbmm(z[None], z[None], z[None]),
                aten.addbmm(index, index[None], index[None], alpha=2))


def inputs():
    index = torch.tensor([[0, 1, 2, 3], [3, 2, 1, 0], [2, 3, 0, 1],
                          [1, 0, 3, 2]])
    return torch.randn(4, 4), torch.randn(4, 4), index, torch.randn(5, 3)


OPERATORS = ["aoti_torch_proxy_executor_call_function"]
BY_NAME = [f"aten::{name}" for name in """
    acos acosh asin asinh atan atanh cosh sinh tan exp2 expm1 log10 log2 log1p
    rsqrt isnan isinf _conj_physical logical_not logical_and logical_or
    logical_xor ne.Tensor ne.Scalar eq.Scalar div.Scalar ldexp.Tensor addcmul
    addcdiv split.Tensor split_with_sizes unbind.int select.int diagonal unfold
    as_strided squeeze squeeze.dims repeat constant_pad_nd slice_scatter gather
    scatter.src scatter.value scatter_add _unsafe_index.Tensor copy var.correction
    var_mean.correction any any.dim any.dims embedding_renorm hash_tensor addmm
    baddbmm addbmm""".split()]
