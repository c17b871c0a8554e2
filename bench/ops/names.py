# SPDX-License-Identifier: Apache-2.0
"""What models call by name: random numbers, upsampling and its gradients,
histograms, packed sequences, optimizers."""


def randoms(torch, harness):
    aten = torch.ops.aten
    p = torch.rand(512, 512)
    for name, x in [("small", p * 5), ("large", p * 100 + 10)]:
        yield (f"poisson 512x512 {name}", "aten::poisson", (x, None),
               lambda x=x: aten.poisson(x), 1)
        count, gradient, total = (x * 10).floor(), x * (0.5 + p), x * 3
        yield (f"binomial 512x512 {name}", "aten::binomial", (count, p, None),
               lambda c=count: aten.binomial(c, p), 1)
        yield (f"_standard_gamma 512x512 {name}", "aten::_standard_gamma",
               (x, None), lambda x=x: aten._standard_gamma(x), 1)
        yield (f"_sample_dirichlet 512x512 {name}", "aten::_sample_dirichlet",
               (x, None), lambda x=x: aten._sample_dirichlet(x), 1)
        yield (f"_standard_gamma_grad 512x512 {name}",
               "aten::_standard_gamma_grad", (x, gradient),
               lambda x=x, g=gradient: aten._standard_gamma_grad(x, g), 1)
        yield (f"_dirichlet_grad 512x512 {name}", "aten::_dirichlet_grad",
               (p, x, total),
               lambda x=x, t=total: aten._dirichlet_grad(p, x, t), 1)
    yield ("cauchy 512x512", "aten::cauchy", (p, 0.0, 1.0, None),
           lambda: aten.cauchy(p), 1)
    yield ("log_normal 512x512", "aten::log_normal", (p, 1.0, 2.0, None),
           lambda: aten.log_normal(p), 1)
    yield ("geometric 512x512", "aten::geometric", (p, 0.3, None),
           lambda: aten.geometric(p, 0.3), 1)
    yield ("random 512x512", "aten::random", (p, None),
           lambda: aten.random(p), 1)
    yield ("random.to 512x512", "aten::random.to", (p, 100, None),
           lambda: aten.random.to(p, 100), 1)
    yield ("bernoulli.Tensor 512x512", "aten::bernoulli.Tensor", (p, p, None),
           lambda: aten.bernoulli.Tensor(p, p), 1)


def upsampling(torch, harness):
    aten = torch.ops.aten
    for last in (False, True):
        kind = " nhwc" if last else ""

        def laid_out(*sizes):
            x = torch.randn(sizes)
            form = {4: torch.channels_last, 5: torch.channels_last_3d}
            return x.contiguous(memory_format=form[len(sizes)]) if last else x
        x = laid_out(1, 32, 16, 32, 32)
        sizes = [32, 64, 64]
        yield (f"upsample_trilinear3d 1x32x16x32x32 x2{kind}",
               "aten::upsample_trilinear3d", (x, sizes, False, None, None, None),
               lambda x=x, s=sizes: aten.upsample_trilinear3d(x, s, False), 1)
        g = laid_out(4, 64, 64, 64)
        rest = [64, 64], [4, 64, 32, 32]
        for name in ("upsample_bilinear2d", "_upsample_bilinear2d_aa",
                     "_upsample_bicubic2d_aa", "_upsample_lanczos2d_aa"):
            backward = getattr(aten, name + "_backward").default
            yield (f"{name}_backward 4x64x32x32 x2{kind}",
                   f"aten::{name}_backward", (g, *rest, False, None, None),
                   lambda f=backward, g=g: f(g, *rest, False), 1)
        yield (f"_upsample_nearest_exact2d_backward 4x64x32x32 x2{kind}",
               "aten::_upsample_nearest_exact2d_backward",
               (g, *rest, None, None),
               lambda g=g: aten._upsample_nearest_exact2d_backward(g, *rest), 1)
        g = laid_out(1, 32, 32, 64, 64)
        volume = [32, 64, 64], [1, 32, 16, 32, 32]
        yield (f"upsample_nearest3d_backward 1x32x16x32x32 x2{kind}",
               "aten::upsample_nearest3d_backward",
               (g, *volume, None, None, None),
               lambda g=g: aten.upsample_nearest3d_backward(g, *volume), 1)
        x = laid_out(1, 3, 512, 512)
        yield (f"_upsample_lanczos2d_aa 3x512x512 to 224{kind}",
               "aten::_upsample_lanczos2d_aa", (x, [224, 224], False, None, None),
               lambda x=x: aten._upsample_lanczos2d_aa(x, [224, 224], False), 1)
    g, x = torch.randn(1, 32, 18, 34, 34), torch.randn(1, 32, 16, 32, 32)
    yield ("replication_pad3d_backward 1x32x16x32x32",
           "aten::replication_pad3d_backward", (g, x, [1] * 6),
           lambda: aten.replication_pad3d_backward(g, x, [1] * 6), 1)


def others(torch, harness):
    aten = torch.ops.aten
    x, edges = torch.randn(100000), torch.randn(65).sort().values
    yield ("histogram.bins_tensor 100000, 64 bins",
           "aten::histogram.bins_tensor", (x, edges, None, False),
           lambda: aten.histogram.bins_tensor(x, edges), 2)
    points, few = torch.randn(50000, 2), torch.randn(17).sort().values
    yield ("_histogramdd_from_bin_tensors 50000x2, 16 bins",
           "aten::_histogramdd_from_bin_tensors",
           (points, [few, few], None, False),
           lambda: aten._histogramdd_from_bin_tensors(points, [few, few]), 1)
    words = torch.randint(0, 1000, (100000,))
    yield ("_unique 100000", "aten::_unique", (words, True, True),
           lambda: aten._unique(words, True, True), 2)
    batch = torch.randn(32, 100, 256)
    lengths = torch.randint(1, 101, (32,)).sort(descending=True).values
    yield ("_pack_padded_sequence 32x100x256", "aten::_pack_padded_sequence",
           (batch, lengths, True),
           lambda: aten._pack_padded_sequence(batch, lengths, True), 2)


def optimizers(torch, harness):
    aten = torch.ops.aten
    for name, shapes in [("1024x1024", [(1024, 1024)]),
                         ("8 of 64x64", [(64, 64)] * 8)]:
        p, g, m, v = [[torch.rand(s) for s in shapes] for _ in range(4)]
        steps, n = [torch.tensor(3.0)] * len(shapes), len(shapes)
        for op in ("_fused_adam", "_fused_adamw"):
            names = dict(lr=0.01, beta1=0.9, beta2=0.99, weight_decay=0.1,
                         eps=1e-8, amsgrad=False, maximize=False)
            yield (f"{op} {name}", f"aten::{op}",
                   (p, g, m, v, [], steps, *names.values(), None, None),
                   lambda f=getattr(aten, op).default, a=(p, g, m, v, [], steps),
                   k=names: f(*a, **k), 4 * n)
        names = dict(weight_decay=0.1, momentum=0.9, lr=0.1, dampening=0.0,
                     nesterov=False, maximize=False, is_first_step=False)
        yield (f"_fused_sgd {name}", "aten::_fused_sgd",
               (p, g, m, *names.values(), None, None),
               lambda a=(p, g, m), k=names: aten._fused_sgd(*a, **k), 3 * n)
        names = dict(lr=0.1, lr_decay=0.0, weight_decay=0.1, eps=1e-8,
                     maximize=False)
        yield (f"_fused_adagrad {name}", "aten::_fused_adagrad",
               (p, g, v, steps, *names.values(), None, None),
               lambda a=(p, g, v, steps), k=names: aten._fused_adagrad(*a, **k),
               4 * n)


def cases(torch, harness):
    yield from randoms(torch, harness)
    yield from upsampling(torch, harness)
    yield from others(torch, harness)
    yield from optimizers(torch, harness)
