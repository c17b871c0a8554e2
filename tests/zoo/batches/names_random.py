# SPDX-License-Identifier: Apache-2.0
"""Random numbers, called by name."""
import torch

aten = torch.ops.aten


class Batch(torch.nn.Module):
    def forward(self, x, p):
        shapes, many = p * 4, (p * 50).floor()
        return (aten.poisson.default(shapes), aten.poisson.default(many),
                aten.binomial.default(many, p),
                aten._standard_gamma.default(shapes),
                aten._sample_dirichlet.default(shapes),
                aten._standard_gamma_grad.default(shapes, many / 10),
                aten._dirichlet_grad.default(p, shapes, shapes * 3),
                aten.geometric.default(x, 0.3), aten.cauchy.default(x, 0.0, 2.0),
                aten.log_normal.default(x, 0.0, 0.5),
                aten.bernoulli.Tensor(x, p), aten.random.default(x),
                aten.random.to(x, 10))


def inputs():
    return torch.randn(6, 8), torch.rand(6, 8)


# Otherwise some of the random numbers are made of uniform ones.
OPTIONS = {"fallback_random": True}
OPERATORS = ["aoti_torch_proxy_executor_call_function"]
BY_NAME = [
    "aten::poisson", "aten::binomial", "aten::_standard_gamma",
    "aten::_sample_dirichlet", "aten::_standard_gamma_grad",
    "aten::_dirichlet_grad", "aten::geometric", "aten::cauchy",
    "aten::log_normal", "aten::bernoulli.Tensor", "aten::random",
    "aten::random.to",
]
