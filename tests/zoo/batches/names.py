# SPDX-License-Identifier: Apache-2.0
"""Random numbers, upsampling and its gradients, histograms, packed sequences
and optimizers, all called by name."""
import torch

aten = torch.ops.aten


class Batch(torch.nn.Module):
    def random(self, x, p):
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

    def upsampling(self, image, volume, row):
        sizes, large = [1, 4, 4, 5], list(image.shape[2:])
        result = [f(image, large, sizes, False) for f in
                  (aten.upsample_bilinear2d_backward.default,
                   aten._upsample_bilinear2d_aa_backward.default,
                   aten._upsample_bicubic2d_aa_backward.default,
                   aten._upsample_lanczos2d_aa_backward.default)]
        result.append(aten._upsample_lanczos2d_aa.default(image, [5, 6], False))
        result.append(aten._upsample_nearest_exact2d_backward.default(
            image, large, sizes))
        box = list(volume.shape[2:])
        for f in (aten.upsample_nearest3d_backward.default,
                  aten._upsample_nearest_exact3d_backward.default):
            result.append(f(volume, box, [1, 2, 3, 3, 4]))
        for f in (aten.upsample_nearest1d_backward.default,
                  aten._upsample_nearest_exact1d_backward.default):
            result.append(f(row, [9], [2, 3, 4]))
        result.append(aten.upsample_trilinear3d.default(volume, [9, 7, 11], True))
        result.append(aten.replication_pad3d_backward.default(
            volume, volume[:, :, 1:-1, 1:-1, 1:-1].contiguous(), [1] * 6))
        return result

    def counts(self, x, edges, points):
        return (*aten.histogram.bins_tensor(x, edges, density=True),
                aten._histogramdd_from_bin_tensors.default(points,
                                                           [edges, edges]))

    def optimizers(self, p, g, m, v, step, lr):
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
        return [t for lists in results for list in lists for t in list]

    def forward(self, x, p, image, volume, row, edges, points, m, v, step, lr,
                batch, lengths, words):
        packed, sizes = aten._pack_padded_sequence.default(batch, lengths, True)
        values, places = aten._unique.default(words, True, True)
        return (*self.random(x, p), *self.upsampling(image, volume, row),
                *self.counts(x, edges, points),
                *self.optimizers(x, p, m, v, step, lr), packed, sizes, values,
                places)


def inputs():
    return (torch.randn(6, 8), torch.rand(6, 8),
            torch.randn(1, 4, 8, 10).to(memory_format=torch.channels_last),
            torch.randn(1, 2, 6, 6, 8), torch.randn(2, 3, 9),
            torch.randn(6).sort().values, torch.randn(50, 2),
            torch.randn(6, 8), torch.rand(6, 8), torch.tensor(3.0),
            torch.tensor(0.1), torch.randn(4, 5, 3), torch.tensor([5, 3, 3, 1]),
            torch.randint(0, 9, (40,)))


# Otherwise some of the random numbers are made of uniform ones.
OPTIONS = {"fallback_random": True}
OPERATORS = ["aoti_torch_proxy_executor_call_function"]
BY_NAME = [
    "aten::poisson", "aten::binomial", "aten::_standard_gamma",
    "aten::_sample_dirichlet", "aten::_standard_gamma_grad",
    "aten::_dirichlet_grad", "aten::geometric", "aten::cauchy",
    "aten::log_normal", "aten::bernoulli.Tensor", "aten::random",
    "aten::random.to", "aten::upsample_bilinear2d_backward",
    "aten::_upsample_bilinear2d_aa_backward",
    "aten::_upsample_bicubic2d_aa_backward",
    "aten::_upsample_lanczos2d_aa_backward", "aten::_upsample_lanczos2d_aa",
    "aten::_upsample_nearest_exact2d_backward",
    "aten::upsample_nearest3d_backward",
    "aten::_upsample_nearest_exact3d_backward",
    "aten::upsample_nearest1d_backward",
    "aten::_upsample_nearest_exact1d_backward", "aten::upsample_trilinear3d",
    "aten::replication_pad3d_backward", "aten::histogram.bins_tensor",
    "aten::_histogramdd_from_bin_tensors", "aten::_fused_adam",
    "aten::_fused_adamw.tensor_lr", "aten::_fused_sgd", "aten::_fused_adagrad",
    "aten::_pack_padded_sequence", "aten::_unique",
]
