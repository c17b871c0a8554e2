# SPDX-License-Identifier: Apache-2.0
"""The zoo: small models of the kinds that people deploy, each with its inputs.

A builder returns Entry(module, inputs, dynamic_shapes); weights are random with
a fixed seed. `more_inputs` gives further inputs for the same package.
"""
import dataclasses
import importlib.util
import inspect
import pathlib

import torch
import torch.nn.functional as F
from torch import nn
from torch.export import Dim

ZOO = {}


@dataclasses.dataclass
class Entry:
    module: nn.Module
    inputs: tuple
    dynamic_shapes: object = None
    more_inputs: list = dataclasses.field(default_factory=list)
    # Inputs are written to: compared after the run as well.
    mutates: bool = False
    # Extra inductor options.
    options: dict = dataclasses.field(default_factory=dict)


def zoo(function):
    ZOO[function.__name__] = function
    return function


def _batches():
    """Many operators in one package each: batches/NAME.py as ops_NAME."""
    for path in sorted((pathlib.Path(__file__).parent / "batches").glob("*.py")):
        spec = importlib.util.spec_from_file_location(f"ops_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield spec.name, module


BATCHES = dict(_batches())


def entry_of(name):
    if name in BATCHES:
        batch = BATCHES[name]
        return Entry(batch.Batch(), batch.inputs(),
                     options=getattr(batch, "OPTIONS", {}))
    return ZOO[name]()


def source_of(name):
    """What a package depends on: its file. (Builders share helpers.)"""
    if name in BATCHES:
        return pathlib.Path(BATCHES[name].__file__).read_text()
    return inspect.getsource(inspect.getmodule(ZOO[name])) + name


def mlp(sizes, act=nn.ReLU):
    layers = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        layers.append(nn.Linear(a, b))
        if i + 2 < len(sizes):
            layers.append(act())
    return nn.Sequential(*layers)


@zoo
def mlp_small():
    return Entry(mlp([16, 32, 32, 4]), (torch.randn(8, 16),))


@zoo
def mlp_wide():
    return Entry(mlp([768, 3072, 768, 10], nn.GELU), (torch.randn(32, 768),))


@zoo
def mlp_batch1():
    return Entry(mlp([512, 512, 512, 10]), (torch.randn(1, 512),))


@zoo
def mlp_dynamic():
    return Entry(mlp([64, 128, 10]), (torch.randn(8, 64),),
                 ({0: Dim("batch", min=2, max=256)},),
                 [(torch.randn(2, 64),), (torch.randn(201, 64),)])


@zoo
def mlp_f64():
    return Entry(mlp([32, 64, 8], nn.Tanh).double(),
                 (torch.randn(5, 32, dtype=torch.float64),))


@zoo
def mlp_bf16():
    return Entry(mlp([128, 256, 16]).bfloat16(),
                 (torch.randn(16, 128, dtype=torch.bfloat16),))


class BasicBlock(nn.Module):

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.short = None
        if stride != 1 or cin != cout:
            self.short = nn.Sequential(
                nn.Conv2d(cin, cout, 1, stride, bias=False),
                nn.BatchNorm2d(cout))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + (x if self.short is None else self.short(x)))


@zoo
def resnet():
    module = nn.Sequential(
        nn.Conv2d(3, 32, 7, 2, 3, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
        nn.MaxPool2d(3, 2, 1), BasicBlock(32, 32, 1), BasicBlock(32, 64, 2),
        BasicBlock(64, 128, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(128, 10))
    return Entry(module, (torch.randn(1, 3, 112, 112),))


@zoo
def resnet_channels_last():
    entry = resnet()
    entry.module = entry.module.to(memory_format=torch.channels_last)
    entry.inputs = (torch.randn(2, 3, 64, 64).contiguous(
        memory_format=torch.channels_last),)
    return entry


class InvertedResidual(nn.Module):

    def __init__(self, cin, cout, stride, expand):
        super().__init__()
        mid = cin * expand
        self.layers = nn.Sequential(
            nn.Conv2d(cin, mid, 1, bias=False), nn.BatchNorm2d(mid),
            nn.Hardswish(),
            nn.Conv2d(mid, mid, 3, stride, 1, groups=mid, bias=False),
            nn.BatchNorm2d(mid), nn.Hardswish(),
            nn.Conv2d(mid, cout, 1, bias=False), nn.BatchNorm2d(cout))
        self.residual = stride == 1 and cin == cout

    def forward(self, x):
        y = self.layers(x)
        return x + y if self.residual else y


@zoo
def mobilenet():
    module = nn.Sequential(
        nn.Conv2d(3, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16),
        nn.Hardswish(), InvertedResidual(16, 24, 2, 4),
        InvertedResidual(24, 24, 1, 3), InvertedResidual(24, 40, 2, 4),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(40, 10))
    return Entry(module, (torch.randn(1, 3, 96, 96),))


class ConvNeXtBlock(nn.Module):

    def __init__(self, dim):
        super().__init__()
        self.depthwise = nn.Conv2d(dim, dim, 7, padding=3, groups=dim)
        self.norm = nn.LayerNorm(dim)
        self.up = nn.Linear(dim, 4 * dim)
        self.down = nn.Linear(4 * dim, dim)
        self.scale = nn.Parameter(torch.full((dim,), 0.5))

    def forward(self, x):
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        y = self.down(F.gelu(self.up(y))) * self.scale
        return x + y.permute(0, 3, 1, 2)


@zoo
def convnext():
    module = nn.Sequential(
        nn.Conv2d(3, 48, 4, 4), ConvNeXtBlock(48), ConvNeXtBlock(48),
        nn.Conv2d(48, 96, 2, 2), ConvNeXtBlock(96), nn.AdaptiveAvgPool2d(1),
        nn.Flatten(), nn.LayerNorm(96), nn.Linear(96, 10))
    return Entry(module, (torch.randn(1, 3, 64, 64),))


class UNet(nn.Module):

    def __init__(self):
        super().__init__()
        self.down1 = nn.Conv2d(1, 16, 3, padding=1)
        self.down2 = nn.Conv2d(16, 32, 3, padding=1)
        self.middle = nn.Conv2d(32, 32, 3, padding=1)
        self.up = nn.ConvTranspose2d(32, 16, 2, 2)
        self.join = nn.Conv2d(32, 16, 3, padding=1)
        self.out = nn.Conv2d(32, 2, 1)

    def forward(self, x):
        a = F.relu(self.down1(x))
        b = F.relu(self.down2(F.max_pool2d(a, 2)))
        c = F.relu(self.middle(F.avg_pool2d(b, 2)))
        c = F.interpolate(c, scale_factor=2.0, mode="bilinear",
                          align_corners=False)
        d = F.relu(self.up(c + b))
        return self.out(torch.cat([a, F.relu(self.join(
            torch.cat([a, d], 1)))], 1))


@zoo
def unet():
    return Entry(UNet(), (torch.randn(1, 1, 64, 64),))


@zoo
def encoder():
    layer = nn.TransformerEncoderLayer(128, 4, 512, batch_first=True,
                                       activation="gelu")
    module = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    return Entry(module, (torch.randn(2, 64, 128),))


class Attention(nn.Module):

    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x, cache_k, cache_v, position):
        b, t, c = x.shape
        q, k, v = (y.view(b, t, self.heads, c // self.heads).transpose(1, 2)
                   for y in self.qkv(x).split(c, 2))
        cache_k = cache_k.index_copy(2, position, k)
        cache_v = cache_v.index_copy(2, position, v)
        mask = (torch.arange(cache_k.shape[2])[None, :] <=
                position[:, None])[None, None]
        y = F.scaled_dot_product_attention(q, cache_k, cache_v, mask)
        y = y.transpose(1, 2).reshape(b, t, c)
        return self.out(y), cache_k, cache_v


class GPT(nn.Module):

    def __init__(self, vocabulary=256, dim=128, heads=4, length=64, layers=2):
        super().__init__()
        self.token = nn.Embedding(vocabulary, dim)
        self.place = nn.Embedding(length, dim)
        self.blocks = nn.ModuleList(
            nn.ModuleDict({
                "norm1": nn.LayerNorm(dim),
                "attention": Attention(dim, heads),
                "norm2": nn.LayerNorm(dim),
                "mlp": mlp([dim, 4 * dim, dim], nn.GELU)
            }) for _ in range(layers))
        self.norm = nn.LayerNorm(dim)
        self.head = nn.Linear(dim, vocabulary, bias=False)

    def forward(self, tokens, position, caches):
        x = self.token(tokens) + self.place(position)[None]
        new = []
        for block, (k, v) in zip(self.blocks, caches):
            y, k, v = block["attention"](block["norm1"](x), k, v, position)
            x = x + y
            x = x + block["mlp"](block["norm2"](x))
            new.append((k, v))
        return self.head(self.norm(x)), new


def gpt_inputs(start, count):
    caches = [(torch.zeros(1, 4, 64, 32), torch.zeros(1, 4, 64, 32))
              for _ in range(2)]
    return (torch.randint(0, 256, (1, count)),
            torch.arange(start, start + count), caches)


@zoo
def gpt_step():
    return Entry(GPT(), gpt_inputs(5, 1), None, [gpt_inputs(63, 1)])


@zoo
def gpt_prefill():
    return Entry(GPT(), gpt_inputs(0, 32))


@zoo
def gpt_bf16():
    entry = gpt_prefill()
    entry.module = entry.module.bfloat16()
    tokens, position, caches = entry.inputs
    entry.inputs = (tokens, position,
                    [tuple(c.bfloat16() for c in pair) for pair in caches])
    return entry


class Causal(nn.Module):

    def forward(self, q, k, v):
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)


@zoo
def attention_causal():
    return Entry(Causal(), tuple(torch.randn(2, 4, 48, 32) for _ in range(3)))


@zoo
def lstm():
    module = nn.LSTM(32, 64, 1, batch_first=True)
    return Entry(module, (torch.randn(2, 8, 32),))


class Integers(nn.Module):

    def forward(self, x, y):
        return (x * 3 + y).cumsum(1), (x > y), x // (y.abs() + 1), x.sum()


@zoo
def integers():
    return Entry(Integers(), (torch.randint(-50, 50, (6, 9)),
                              torch.randint(-50, 50, (6, 9))))


class Mutation(nn.Module):

    def __init__(self):
        super().__init__()
        self.register_buffer("steps", torch.zeros(3))

    def forward(self, x, state):
        state.mul_(0.5).add_(x)
        self.steps.add_(1)
        return state.sum(0), self.steps + 0


@zoo
def mutation():
    return Entry(Mutation(), (torch.randn(4, 3), torch.randn(4, 3)),
                 mutates=True)


class Outputs(nn.Module):

    def forward(self, x):
        y = x * 2
        return {"y": y, "again": y, "x": x, "none": None,
                "pair": (y.t(), x.sum())}


@zoo
def outputs():
    return Entry(Outputs(), (torch.randn(3, 5),))


class ControlFlow(nn.Module):

    def __init__(self):
        super().__init__()
        self.a = nn.Linear(8, 8)
        self.b = nn.Linear(8, 8)

    def forward(self, x):
        return torch.cond(x.sum() > 0, lambda x: self.a(x).relu(),
                          lambda x: self.b(x).sigmoid(), (x,))


@zoo
def control_flow():
    return Entry(ControlFlow(), (torch.ones(4, 8),), None,
                 [(-torch.ones(4, 8),)])


class Indexing(nn.Module):

    def __init__(self):
        super().__init__()
        self.bag = nn.EmbeddingBag(50, 16, mode="mean")

    def forward(self, x, index, words, offsets):
        values, places = x.topk(5, dim=1)
        ordered, order = torch.sort(x, dim=1, stable=True, descending=True)
        hit = x.index_put((index,), torch.ones_like(x[index]), accumulate=True)
        spread = torch.zeros_like(x).scatter(1, places, values)
        reduced = torch.zeros_like(x).scatter_reduce(
            1, order % 7, ordered, "amax")
        return (values, places, ordered, order, hit, spread, reduced,
                torch.nonzero(x > 1.0), self.bag(words, offsets))


@zoo
def indexing():
    return Entry(Indexing(),
                 (torch.randn(6, 40), torch.tensor([1, 3, 3]),
                  torch.randint(0, 50, (12,)), torch.tensor([0, 4, 7])))


class Random(nn.Module):

    def forward(self, x):
        return x + torch.rand(4, 33), torch.randn(5, 20) * x.mean()


@zoo
def random_fallback():
    """The CPU generator's own numbers, through rand and randn."""
    return Entry(Random(), (torch.randn(4, 33),),
                 options={"fallback_random": True})


@zoo
def random_philox():
    """Inductor's Philox, compiled into the kernels, seeded by randint."""
    return Entry(Random(), (torch.randn(4, 33),))
