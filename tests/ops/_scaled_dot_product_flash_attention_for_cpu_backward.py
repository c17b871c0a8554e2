# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, Sample, op

ops = torch.ops.aten
forward = ops._scaled_dot_product_flash_attention_for_cpu.default
aten = ops._scaled_dot_product_flash_attention_for_cpu_backward.default
SYMBOL = "aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu_backward"


def call(make, q, k, v, causal=False, mask=None, scale=None, gradient=None):
    out, logsumexp = forward(q, k, v, 0.0, causal, attn_mask=mask, scale=scale)
    if gradient is None:
        gradient = make(*q.shape)
    args = (gradient, q, k, v, out, logsumexp, 0.0, causal, mask, scale)
    if q.dtype in LOW_FLOATS:
        return args
    # Sums over all keys in another order.
    loose = 1e-4 if q.dtype == torch.float32 else 1e-10
    return Sample(args, rtol=loose, atol=loose)


def samples(make):
    sizes = [(1, 1, 1, 1, 1), (2, 3, 5, 7, 8), (1, 2, 3, 300, 64),
             (1, 2, 17, 130, 16), (2, 2, 64, 64, 64), (1, 1, 129, 257, 80),
             (1, 1, 70, 70, 33), (1, 2, 1, 129, 64), (1, 1, 65, 600, 5)]
    for batch, heads, length, keys, head_size in sizes:
        for layout in ("contiguous", "heads inside"):
            def operand(n):
                if layout == "contiguous":
                    return make(batch, heads, n, head_size)
                return make(batch, n, heads, head_size).transpose(1, 2)

            q, k, v = operand(length), operand(keys), operand(keys)
            yield call(make, q, k, v, gradient=operand(length))
            yield call(make, q, k, v, causal=True, scale=0.3)
            if q.dtype in LOW_FLOATS and layout == "contiguous":
                yield call(make, q, k, v,
                           mask=make(1, 1, length, keys, dtype=torch.float32))
        hidden = torch.zeros(length, keys)
        hidden[make(length, keys, dtype=torch.bool)] = -float("inf")
        hidden[length // 2] = -float("inf")  # a row that sees nothing
        hidden = hidden.to(q.dtype)
        for mask in [hidden, make(batch, 1, 1, keys), make(length, 1),
                     make(batch, heads, length, keys),
                     make(length, keys, layout="sliced")[..., :keys]]:
            yield call(make, q, k, v, mask=mask)
        yield call(make, q, k, v, causal=True, mask=hidden)
    # Heads of keys and values that stand for several of queries.
    for heads, groups, length, keys in ((4, 2, 5, 7), (6, 1, 70, 130)):
        q = make(2, heads, length, 16)
        k, v = [make(2, keys, groups, 16).transpose(1, 2) for _ in range(2)]
        yield call(make, q, k, v)
        yield call(make, q, k, v, causal=True,
                   mask=make(2, heads, length, keys))


def strided_samples(make):
    # The elements of a head are apart: torch takes them to lie side by side.
    for layout in ("transposed", "sliced", "permuted", "expanded"):
        q, k, v, g = [make(2, 3, 6, 8, layout=layout) for _ in range(4)]
        plain = [t.contiguous() for t in (q, k, v)]
        args = call(make, *plain, gradient=g)
        args = getattr(args, "args", args)
        yield (g, q, k, v, args[4].transpose(2, 3).contiguous().transpose(2, 3),
               *args[5:])
    q, k, v, g = [make(2, 3, 6, 8) for _ in range(4)]
    mask = torch.zeros(6, 6).masked_fill(make(6, 6, dtype=torch.bool),
                                         -float("inf")).to(q.dtype)
    args = call(make, q, k, v, mask=mask, gradient=g)
    args = getattr(args, "args", args)
    yield *args[:8], mask == 0, None
    # torch divides by zero over these.
    sums = torch.zeros(2, 3, 6, dtype=torch.float64 if q.dtype == torch.float64
                       else torch.float32)
    yield g[:, :, :0], q[:, :, :0], k, v, q[:, :, :0], sums[..., :0], 0.0, \
        False, None, None
    yield g, q, k[:, :, :0], v[:, :, :0], q, sums, 0.0, False, None, None
    yield g[:0], q[:0], k[:0], v[:0], q[:0], sums[:0], 0.0, True, None, None


def exact(g, q, k, v, out, logsumexp, dropout, causal, mask, scale):
    """The definition, in double precision; torch's sizes and strides."""
    scale = scale if scale is not None else q.shape[-1] ** -0.5
    groups = k.shape[1]
    k, v = [t.repeat_interleave(q.shape[1] // max(groups, 1), 1)
            for t in (k, v)]
    scores = torch.einsum("bhle,bhse->bhls", q.double(), k.double()) * scale
    if mask is not None and mask.dtype == torch.bool:
        mask = torch.zeros(mask.shape).masked_fill(~mask, -float("inf"))
    if mask is not None:
        scores = scores + mask.double()
    if causal:
        seen = torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
        scores = scores.masked_fill(~seen, -float("inf"))
    weights = torch.exp(scores - logsumexp.double().unsqueeze(-1))
    dots = (g.double() * out.double()).sum(-1, keepdim=True)
    products = torch.einsum("bhle,bhse->bhls", g.double(), v.double())
    products = weights * (products - dots)
    results = (torch.einsum("bhls,bhse->bhle", products, k.double()) * scale,
               torch.einsum("bhls,bhle->bhse", products, q.double()) * scale,
               torch.einsum("bhls,bhle->bhse", weights, g.double()))
    results = [r if i == 0 or groups == 0 else
               r.unflatten(1, (groups, -1)).sum(2)
               for i, r in enumerate(results)]
    return [r.to(q.dtype).transpose(1, 2).contiguous().transpose(1, 2)
            for r in results]


def bad(make):
    q, k = make(2, 3, 5, 8), make(2, 3, 7, 8)
    sums = make(2, 3, 5)

    def broken(message, g=q, q=q, k=k, v=k, out=q, sums=sums, dropout=0.0,
               mask=None, refused=False):
        return Bad((g, q, k, v, out, sums, dropout, False, mask, None), message,
                   torch_refuses=refused)

    yield broken("head size", v=make(2, 3, 7, 4), refused=True)
    # torch has no checks here and reads out of bounds.
    yield broken("expected 4", q=q[0])
    yield broken("grad_out dim 2: expected 5", g=k)
    yield broken("grad_out is Double", g=q.double())
    yield broken("out dim 2: expected 5", out=k)
    yield broken("value dim 1", v=k[:, :1])
    yield broken("grad_out dim 1: expected 3", g=q[:, :1])
    yield broken("value dim 2", v=k[:, :, :4])
    yield broken("logsumexp dim 2: expected 5, got 4", sums=sums[..., :4])
    yield broken("logsumexp is Double", sums=sums.double())
    yield broken("logsumexp has 2 dimensions", sums=sums[0])
    yield broken("attn_mask dim 1", mask=make(5, 6))
    yield broken("dropout", dropout=0.1)
    yield broken("grad_out is a NULL", g=None)


# torch's own kernel rounds weights and sums to the dtype; ours does not, so
# that low precision is compared with the definition.
op(SYMBOL, aten=aten, dtypes=FLOATS)
for kind in (samples, strided_samples):
    op(SYMBOL, reference=exact, outputs=("Tensor",) * 3, samples=kind,
       dtypes=LOW_FLOATS if kind is samples else FLOATS + LOW_FLOATS, bad=False)
