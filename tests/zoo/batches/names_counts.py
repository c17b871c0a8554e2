# SPDX-License-Identifier: Apache-2.0
"""Histograms, packed sequences and distinct values, called by name."""
import torch

aten = torch.ops.aten


class Batch(torch.nn.Module):
    def forward(self, x, edges, points, batch, lengths, words):
        return (*aten.histogram.bins_tensor(x, edges, density=True),
                aten._histogramdd_from_bin_tensors.default(points,
                                                           [edges, edges]),
                *aten._pack_padded_sequence.default(batch, lengths, True),
                *aten._unique.default(words, True, True))


def inputs():
    return (torch.randn(6, 8), torch.randn(6).sort().values,
            torch.randn(50, 2), torch.randn(4, 5, 3),
            torch.tensor([5, 3, 3, 1]), torch.randint(0, 9, (40,)))


OPERATORS = ["aoti_torch_proxy_executor_call_function"]
BY_NAME = [
    "aten::histogram.bins_tensor", "aten::_histogramdd_from_bin_tensors",
    "aten::_pack_padded_sequence", "aten::_unique",
]
