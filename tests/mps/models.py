# SPDX-License-Identifier: Apache-2.0
"""Small models of many kinds for make_packages.py."""
import torch
import torch.nn as nn
import torch.nn.functional as F


class LinearReluSoftmax(nn.Module):

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(16, 24)

    def forward(self, x):
        return torch.softmax(torch.relu(self.linear(x)), -1)


class Convolutions(nn.Module):

    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.second = nn.Conv2d(8, 8, 3, stride=2, groups=2)
        self.head = nn.Linear(8, 5)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.norm(self.first(x))), 2)
        x = F.gelu(self.second(x))
        return self.head(F.adaptive_avg_pool2d(x, 1).flatten(1))


class ConvolutionKinds(nn.Module):
    """1-d, 3-d, transposed, and a channels-last one."""

    def __init__(self):
        super().__init__()
        self.one = nn.Conv1d(4, 6, 3, padding=1)
        self.three = nn.Conv3d(2, 3, 3, padding=1)
        self.up = nn.ConvTranspose2d(4, 3, 3, stride=2, output_padding=1)
        self.last = nn.Conv2d(4, 5, 3, dilation=2)

    def forward(self, a, b, c):
        last = self.last(c.to(memory_format=torch.channels_last))
        return (self.one(a).relu(), self.three(b) * 2, self.up(c).sigmoid(),
                last + 1, last.flatten(1).cumsum(1))


class Attention(nn.Module):

    def __init__(self, causal=False, width=32, heads=4):
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.causal, self.heads = causal, heads

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.heads, c // self.heads).permute(
            2, 0, 3, 1, 4).unbind(0)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.out(y.transpose(1, 2).reshape(b, t, c))


class AttentionKinds(nn.Module):
    """3 and 5 dimensions, masks of both kinds, shared heads, a scale."""

    def forward(self, q, k, v, keep, bias):
        sdpa = F.scaled_dot_product_attention
        return (sdpa(q, k, v, attn_mask=keep), sdpa(q, k, v, attn_mask=bias),
                sdpa(q[0], k[0], v[0], scale=0.3),
                sdpa(q, k[:, :2], v[:, :2], enable_gqa=True))


class GeluMlp(nn.Module):

    def __init__(self, approximate="none", width=32):
        super().__init__()
        self.up = nn.Linear(width, 2 * width)
        self.down = nn.Linear(2 * width, width)
        self.approximate = approximate

    def forward(self, x):
        return self.down(F.gelu(self.up(x), approximate=self.approximate))


class Reductions(nn.Module):

    def forward(self, x):
        return (x.sum(), x.mean(0), x.amax(1), x.argmin(1), x.var(1),
                (x > 3).any(1), torch.logsumexp(x, 1), x.cumsum(1), x.prod(1))


class DynamicMean(nn.Module):

    def forward(self, x):
        return x.mean(0), torch.softmax(x, 0)


class Embedding(nn.Module):

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(50, 16)

    def forward(self, ids):
        return self.table(ids).sum(1)


class Transformer(nn.Module):
    """Two pre-norm blocks behind embeddings of tokens and places."""

    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(64, 32)
        self.places = nn.Parameter(torch.randn(1, 12, 32) * 0.02)
        self.norms = nn.ModuleList([nn.LayerNorm(32) for _ in range(5)])
        self.attention = nn.ModuleList([Attention(True) for _ in range(2)])
        self.mlp = nn.ModuleList([GeluMlp("tanh") for _ in range(2)])
        self.head = nn.Linear(32, 64, bias=False)

    def forward(self, ids):
        x = self.tokens(ids) + self.places
        for i in range(2):
            x = x + self.attention[i](self.norms[2 * i](x))
            x = x + self.mlp[i](self.norms[2 * i + 1](x))
        return self.head(self.norms[4](x))


class Fallbacks(nn.Module):

    def forward(self, x, i):
        values, places = x.topk(3, 1)
        ordered, _ = x.sort(1)
        return (values, places, ordered, x[i], x.gather(1, places),
                torch.cat([x, ordered], 0))


class Residual(nn.Module):

    def __init__(self, channels, stride=1):
        super().__init__()
        self.a = nn.Conv2d(channels, 2 * channels if stride > 1 else channels,
                           3, stride, 1, bias=False)
        out = self.a.out_channels
        self.na, self.nb = nn.BatchNorm2d(out), nn.BatchNorm2d(out)
        self.b = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.skip = (nn.Conv2d(channels, out, 1, stride) if stride > 1 else
                     nn.Identity())

    def forward(self, x):
        y = self.nb(self.b(F.relu(self.na(self.a(x)))))
        return F.relu(y + self.skip(x))


class ResNet(nn.Module):

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 5, 2, 2)
        self.blocks = nn.Sequential(Residual(8), Residual(8, 2), Residual(16))
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        x = F.max_pool2d(self.stem(x).relu(), 3, 2, 1)
        return self.head(self.blocks(x).mean((2, 3)))


class MobileBlock(nn.Module):

    def __init__(self, channels):
        super().__init__()
        wide = 3 * channels
        self.up = nn.Conv2d(channels, wide, 1)
        self.depth = nn.Conv2d(wide, wide, 3, padding=1, groups=wide)
        self.squeeze = nn.Conv2d(wide, 4, 1)
        self.excite = nn.Conv2d(4, wide, 1)
        self.down = nn.Conv2d(wide, channels, 1)

    def forward(self, x):
        y = F.hardswish(self.depth(F.hardswish(self.up(x))))
        gate = self.excite(F.relu(self.squeeze(F.adaptive_avg_pool2d(y, 1))))
        return x + self.down(y * F.hardsigmoid(gate))


class MobileNet(nn.Module):

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 2, 1)
        self.blocks = nn.Sequential(MobileBlock(8), MobileBlock(8))
        self.head = nn.Linear(8, 7)

    def forward(self, x):
        x = self.blocks(F.hardswish(self.stem(x)))
        return self.head(F.adaptive_avg_pool2d(x, 1).flatten(1))


class VisionTransformer(nn.Module):

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 32, 8, 8)
        self.token = nn.Parameter(torch.randn(1, 1, 32))
        self.places = nn.Parameter(torch.randn(1, 17, 32))
        self.norm = nn.LayerNorm(32)
        self.attention = Attention()
        self.mlp = GeluMlp()
        self.head = nn.Linear(32, 5)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1)
        x = x + self.places
        x = x + self.attention(self.norm(x))
        x = x + self.mlp(self.norm(x))
        return self.head(x[:, 0])


class CachedStep(nn.Module):
    """One token of a decoder: its cache of keys and values is written."""

    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(32, 32) for _ in range(4))
        self.norm = nn.RMSNorm(32)

    def forward(self, x, keys, values, place):
        b = x.shape[0]
        y = self.norm(x)
        q = self.q(y).view(b, 1, 4, 8).transpose(1, 2)
        k = self.k(y).view(b, 4, 8)
        v = self.v(y).view(b, 4, 8)
        keys = keys.index_copy(2, place, k[:, :, None])
        values = values.index_copy(2, place, v[:, :, None])
        keep = torch.arange(keys.shape[2], device=x.device) <= place
        y = F.scaled_dot_product_attention(q, keys, values,
                                           attn_mask=keep[None, None, None])
        return x + self.o(y.transpose(1, 2).reshape(b, 1, 32)), keys, values


class UNet(nn.Module):

    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 8, 3, padding=1)
        self.middle = nn.Conv2d(8, 16, 3, padding=1)
        self.norm = nn.GroupNorm(4, 16)
        self.up = nn.ConvTranspose2d(16, 8, 2, 2)
        self.out = nn.Conv2d(16, 2, 1)

    def forward(self, x):
        a = F.silu(self.down(x))
        b = F.silu(self.norm(self.middle(F.avg_pool2d(a, 2))))
        c = F.interpolate(b, scale_factor=2.0, mode="nearest")
        return self.out(torch.cat([a, self.up(b)], 1)), c


class Lstm(nn.Module):
    """Unrolled: PyTorch's own lstm for mps is an operator that is no shim."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(8 + 12, 4 * 12)

    def forward(self, x):
        hidden = x.new_zeros(x.shape[1], 12)
        cell = x.new_zeros(x.shape[1], 12)
        out = []
        for step in range(5):
            gates = self.inner(torch.cat([x[step], hidden], 1))
            i, f, g, o = gates.chunk(4, 1)
            cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
            hidden = o.sigmoid() * cell.tanh()
            out.append(hidden)
        return torch.stack(out), cell


class Pointwise(nn.Module):
    """A part of some eighty functions of one or two arguments: a kernel of
    Metal has at most 31 buffers, so not all at once."""

    def __init__(self, part):
        super().__init__()
        self.part = part

    def forward(self, x, y, n):
        p = x.abs() + 0.1
        u = torch.tanh(x) * 0.9
        one = [x.sin(), x.cos(), x.tan(), u.asin(), u.acos(), x.atan(),
               x.sinh(), x.cosh(), x.tanh(), x.asinh(), (p + 1).acosh(),
               u.atanh(), x.exp(), x.exp2(), x.expm1(), p.log(), p.log2(),
               p.log10(), p.log1p(), p.sqrt(), p.rsqrt(), p.reciprocal(),
               x.floor(), x.ceil(), x.trunc(), x.round(), x.frac(), x.neg(),
               x.sign(), x.abs(), x.square(), x.sigmoid(), x.relu(), x.erf(),
               F.elu(x), F.selu(x), F.softplus(x), F.mish(x), F.silu(x),
               F.hardtanh(x), F.leaky_relu(x), F.gelu(x), F.logsigmoid(x)]
        two = [x + y, x - y, x * y, x / (y.abs() + 1), torch.atan2(x, y),
               torch.fmod(x, y.abs() + 1), torch.remainder(x, y.abs() + 1),
               p.pow(y), torch.maximum(x, y), torch.minimum(x, y),
               torch.where(x > y, x, y), torch.hypot(x, y),
               torch.lerp(x, y, 0.3), x.clamp(-1, 1),
               torch.copysign(x, y), torch.addcmul(x, x, y)]
        whole = [n + 3, n * n, n // 3, n % 5, n & 6, n | 9, n ^ 5, n << 2,
                 n >> 1, ~n, n.clamp(-2, 2)]
        truth = [x > y, x <= y, x == x, (x > 0) & (y > 0), (x > 0) ^ (y > 0),
                 x.isnan(), x.isfinite(), n != 2]
        if self.part == 3:
            return torch.stack(whole), torch.stack(truth)
        return torch.stack((one + two)[self.part::3])


class IndexKinds(nn.Module):

    def forward(self, x, rows, flags):
        y = x.clone()
        y[rows] = 1.5
        z = torch.zeros_like(x).index_add(0, rows, x[:3])
        w = torch.zeros(4, 6, device=x.device).scatter_add(
            1, rows.view(1, 3).expand(4, 3), x[:4, :3].contiguous())
        return (y, z, w, x.masked_fill(flags, -2.0), x.flip(0), x.roll(2, 1),
                x.tril(), torch.where(flags, x, -x), x.index_select(1, rows),
                x.unfold(1, 3, 2).sum(-1), F.pad(x, (1, 2), value=0.5),
                F.one_hot(rows, 7), torch.arange(9, device=x.device) * 2)


class SortKinds(nn.Module):

    def forward(self, x):
        a, ai = x.sort(dim=-1, descending=True, stable=True)
        b, bi = x.topk(4, 0, largest=False)
        c, ci = x.max(1)
        return a, ai, b, bi, c, ci, x.argmax(0), x.median(1).values


class Matmuls(nn.Module):

    def forward(self, a, b, c, d):
        return (a @ b, torch.addmm(c, a, b, beta=0.5, alpha=2.0), d @ d.mT,
                torch.baddbmm(d[:, :, :1], d, d.mT, beta=0.7, alpha=1.5),
                a.t() @ a, torch.addmm(c[0], a, b))


class Convs(nn.Module):

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, x):
        return self.module(x).sigmoid()


def spiky(*sizes):
    """Near 1, so that a product stays finite; some above 3."""
    x = 1 + 0.01 * torch.randn(*sizes)
    x[1, 7] = x[3, -1] = 5
    return x


def fixed(model, *inputs):
    return lambda: (model(), tuple(make() for make in inputs), None, None)


def dynamic(model, inputs, spec, others):
    return lambda: (model(), inputs(), spec, others())


def models():
    """By name: a function that gives the model, its inputs, its dynamic shapes
    and inputs of another size (or None and None)."""
    r = lambda *sizes: lambda: torch.randn(*sizes)
    h = lambda *sizes: lambda: torch.randn(*sizes).half()
    b = lambda *sizes: lambda: torch.randn(*sizes).bfloat16()
    n = lambda most, *sizes: lambda: torch.randint(0, most, sizes)
    batch = torch.export.Dim("batch", min=2, max=512)
    rows = torch.export.Dim("rows", min=2, max=5000)
    rn = torch.randn
    return {
        "linear_relu_softmax": fixed(LinearReluSoftmax, r(4, 16)),
        "layernorm": fixed(lambda: nn.LayerNorm(1500), r(6, 1500)),
        "conv": fixed(Convolutions, r(2, 3, 16, 16)),
        "attention": fixed(Attention, r(2, 10, 32)),
        "gelu_mlp": fixed(GeluMlp, r(8, 32)),
        "reductions": fixed(Reductions, lambda: spiky(5, 3000)),
        "embedding": fixed(Embedding, n(50, 3, 7)),
        "transformer": fixed(Transformer, n(64, 2, 12)),
        "dynamic_mlp": dynamic(GeluMlp, lambda: (rn(8, 32),), ({0: batch},),
                               lambda: (rn(148, 32),)),
        "dynamic_softmax": dynamic(LinearReluSoftmax, lambda: (rn(8, 16),),
                                   ({0: batch},), lambda: (rn(148, 16),)),
        "dynamic_mean": dynamic(DynamicMean, lambda: (rn(70, 6),),
                                ({0: rows},), lambda: (rn(1295, 6),)),
        "half_mlp": fixed(lambda: GeluMlp().half(), h(8, 32)),
        "bf16_layernorm": fixed(lambda: nn.LayerNorm(200).bfloat16(),
                                b(6, 200)),
        "fallbacks": fixed(Fallbacks, r(5, 8),
                           lambda: torch.tensor([3, 0, 4])),
        "conv_kinds": fixed(ConvolutionKinds, r(2, 4, 9), r(1, 2, 4, 5, 6),
                            r(2, 4, 7, 8)),
        "attention_kinds": fixed(
            AttentionKinds, r(2, 4, 7, 8), r(2, 4, 9, 8), r(2, 4, 9, 8),
            lambda: torch.rand(7, 9) > 0.3, r(2, 1, 7, 9)),
        "resnet": fixed(ResNet, r(2, 3, 32, 32)),
        "mobilenet": fixed(MobileNet, r(1, 3, 24, 24)),
        "vit": fixed(VisionTransformer, r(2, 3, 32, 32)),
        "cached_step": fixed(CachedStep, r(2, 1, 32), r(2, 4, 6, 8),
                             r(2, 4, 6, 8), lambda: torch.tensor([3])),
        "unet": fixed(UNet, r(1, 3, 16, 16)),
        "lstm": fixed(Lstm, r(5, 3, 8)),
        **{f"pointwise_{part}": fixed(
            lambda part=part: Pointwise(part), r(5, 7), r(5, 7),
            lambda: torch.randint(-9, 9, (5, 7))) for part in range(4)},
        "index_kinds": fixed(IndexKinds, r(6, 6),
                             lambda: torch.tensor([2, 0, 5]),
                             lambda: torch.rand(6, 6) > 0.5),
        "sort_kinds": fixed(SortKinds, r(6, 11)),
        "matmuls": fixed(Matmuls, r(33, 18), r(18, 21), r(33, 21),
                         r(3, 17, 5)),
        "bf16_attention": fixed(lambda: Attention(True).bfloat16(),
                                b(2, 10, 32)),
        "half_conv": fixed(lambda: Convs(nn.Conv2d(3, 6, 3)).half(),
                           h(1, 3, 9, 9)),
        "dynamic_attention": dynamic(
            Attention, lambda: (rn(3, 10, 32),), ({0: batch},),
            lambda: (rn(7, 10, 32),)),
    }


def all_models():
    """With the sweeps."""
    from sweep_models import sweeps
    return {**models(), **sweeps(fixed, dynamic)}
