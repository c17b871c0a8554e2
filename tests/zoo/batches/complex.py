# SPDX-License-Identifier: Apache-2.0
"""Complex tensors: Inductor leaves nearly all of their operators to the proxy
executor, which calls them by name."""
import torch


class Batch(torch.nn.Module):
    def forward(self, a, b):
        z = torch.complex(a, b)
        return (z, z.conj() * z, z / (z + 2), z - z, -z, z.exp(), z.log(),
                z.sin(), z.cos(), z.sqrt(), z.tanh(), z.sigmoid(),
                z.reciprocal(), z.sum(0), z.sum(), z.mean(), z.mean(1),
                z.prod(0), z.clone(), torch.cat([z, z]), torch.stack([z, z]),
                z @ z.T, torch.where(a > 0, z, -z), torch.zeros_like(z),
                z.to(torch.complex128), z == z, z.flip(0),
                z.expand(2, 4, 4).contiguous(),
                torch.einsum("ij,kj->ik", z, z), torch.fft.ifft(z),
                torch.view_as_real(z) * 2)


def inputs():
    return torch.randn(4, 4), torch.randn(4, 4)


OPERATORS = ["aoti_torch_proxy_executor_call_function"]
