# SPDX-License-Identifier: Apache-2.0
"""Optimizers, called by name."""
import torch

aten = torch.ops.aten


class Batch(torch.nn.Module):
    def forward(self, p, g, m, v, step, lr):
        adam = dict(beta1=0.9, beta2=0.99, weight_decay=0.1, eps=1e-8,
                    maximize=False)
        sgd = dict(weight_decay=0.1, momentum=0.9, dampening=0.1,
                   nesterov=False, maximize=False, is_first_step=False)
        results = [
            # Without amsgrad there is an empty list, which the stock runner
            # takes for None.
            aten._fused_adam.default([p, g], [g, p], [m, m], [v, v], [v, m * m],
                                     [step, step], lr=0.1, amsgrad=True,
                                     **adam),
            aten._fused_adamw.tensor_lr([p], [g], [m], [v], [v], [step], lr=lr,
                                        amsgrad=True, **adam),
            aten._fused_sgd.default([p], [g], [m], lr=0.1, **sgd),
            aten._fused_adagrad.default([p], [g], [v], [step], lr=0.1,
                                        lr_decay=0.1, weight_decay=0.1,
                                        eps=1e-8, maximize=False)]
        return tuple(t for lists in results for list in lists for t in list)


def inputs():
    return (torch.randn(6, 8), torch.rand(6, 8), torch.randn(6, 8),
            torch.rand(6, 8), torch.tensor(3.0), torch.tensor(0.1))


OPERATORS = ["aoti_torch_proxy_executor_call_function"]
BY_NAME = [
    "aten::_fused_adam", "aten::_fused_adamw.tensor_lr", "aten::_fused_sgd",
    "aten::_fused_adagrad",
]
