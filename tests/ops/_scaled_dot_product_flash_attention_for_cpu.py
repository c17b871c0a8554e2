# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

aten = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu.default
SYMBOL = "aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu"


def samples(make):
    sizes = [(1, 1, 1, 1, 1), (2, 3, 5, 7, 8), (1, 2, 3, 300, 64),
             (1, 2, 17, 130, 16), (2, 2, 64, 64, 64), (1, 1, 129, 257, 80),
             (1, 1, 70, 70, 33), (1, 2, 1, 129, 64), (2, 1, 200, 3, 5)]
    for batch, heads, length, keys, head_size in sizes:
        for layout in ("contiguous", "heads inside"):
            def operand(n):
                if layout == "contiguous":
                    return make(batch, heads, n, head_size)
                return make(batch, n, heads, head_size).transpose(1, 2)

            q, k, v = operand(length), operand(keys), operand(keys)
            yield q, k, v, 0.0, False, None, None
            yield q, k, v, 0.0, True, None, 0.3
            hidden = torch.zeros(length, keys)
            hidden[make(length, keys, dtype=torch.bool)] = -float("inf")
            hidden[length // 2] = -float("inf")  # a row that sees nothing
            hidden = hidden.to(q.dtype)
            masks = [hidden, make(batch, 1, 1, keys), make(length, 1),
                     make(batch, heads, length, keys),
                     make(length, keys, layout="sliced")[..., :keys]]
            if q.dtype in LOW_FLOATS:
                masks.append(make(1, 1, length, keys, dtype=torch.float32))
            for mask in masks:
                yield q, k, v, 0.0, False, mask, None
            yield q, k, v, 0.0, True, hidden, None
    # Heads of keys and values that stand for several of queries.
    for heads, groups, length, keys in ((4, 2, 5, 7), (6, 1, 70, 130),
                                        (4, 2, 1, 40)):
        q = make(2, heads, length, 16)
        k, v = [make(2, keys, groups, 16).transpose(1, 2) for _ in range(2)]
        yield q, k, v, 0.0, False, None, None
        yield q, k, v, 0.0, True, make(2, heads, length, keys), None


def strided_samples(make):
    # The elements of a head are apart: torch takes them to lie side by side.
    for layout in ("transposed", "sliced", "permuted", "expanded"):
        q, k, v = [make(2, 3, 6, 8, layout=layout) for _ in range(3)]
        yield q, k, v, 0.0, False, None, None
    mask = make(2, 3, 6, 6, dtype=torch.bool)
    yield q, k, v, 0.0, False, mask, None
    yield q, k, v, 0.0, False, make(0, 6), None  # as if there were no mask
    # torch divides by zero over these.
    yield make(2, 3, 0, 8), k, v, 0.0, False, None, None
    yield make(2, 3, 6, 8), k[:, :, :0], v[:, :, :0], 0.0, False, None, None
    yield q[:0], k[:0], v[:0], 0.0, True, None, None
    yield make(5, 0, 3, 8), make(5, 0, 3, 8), make(5, 0, 3, 8), 0.0, True, \
        None, None


def exact(q, k, v, dropout, causal, mask, scale):
    """The definition, in double precision; torch's sizes and strides."""
    dtype = q.dtype
    k, v = [t.repeat_interleave(q.shape[1] // max(t.shape[1], 1), 1)
            for t in (k, v)]
    scores = torch.einsum("bhle,bhse->bhls", q.double(), k.double())
    scores *= scale if scale is not None else q.shape[-1] ** -0.5
    if mask is not None and mask.numel() == 0:
        mask = None
    if mask is not None and mask.dtype == torch.bool:
        mask = torch.zeros(mask.shape).masked_fill(~mask, -float("inf"))
    if mask is not None:
        scores = scores + mask.double()
    if causal:
        seen = torch.ones(scores.shape[-2:], dtype=torch.bool).tril()
        scores = scores.masked_fill(~seen, -float("inf"))
    most = (scores.amax(-1, keepdim=True) if scores.shape[-1] > 0
            else torch.zeros(*scores.shape[:-1], 1, dtype=torch.float64))
    most = most.masked_fill(most == -float("inf"), 0)
    weights = torch.exp(scores - most)
    total = weights.sum(-1, keepdim=True)
    total = total.masked_fill(total == 0, 1)
    result = torch.einsum("bhls,bhse->bhle", weights / total, v.double())
    out = torch.empty_like(q).copy_(result)
    batch, heads, length = q.shape[:3]
    logsumexp = torch.empty(batch, length, heads, dtype=torch.float64 if dtype
                            == torch.float64 else torch.float32)
    logsumexp = logsumexp.transpose(1, 2)
    return out, logsumexp.copy_((most + total.log()).squeeze(-1))


def bad(make):
    q, k = make(2, 3, 5, 8), make(2, 3, 7, 8)
    yield (q, k, k, 0.1, False, None, None), "dropout"
    yield (q[0], k[0], k[0], 0.0, False, None, None), "expected 4"
    yield (q, k, make(2, 3, 7, 4), 0.0, False, None, None), "head size"
    yield (q, k, k, 0.0, False, make(5, 6), None), "attn_mask dim 1"
    yield (q, k, k, 0.0, False, make(3, 5, 7), None), "expected 2 or 4"
    yield (q, k, k, 0.0, False, make(5, 7, dtype=torch.int32), None), "Int"
    yield ((q.int(), k.int(), k.int(), 0.0, False, None, None),
           "Expected data type")
    # torch reads out of bounds.
    yield Bad((q, k[:, :2], k[:, :2], 0.0, False, None, None),
              "key dim 1: expected a divisor of query's 3 heads, got 2",
              torch_refuses=False)
    yield Bad((q, k, k[:, :1], 0.0, False, None, None), "value dim 1",
              torch_refuses=False)
    yield Bad((q, k, k[:, :, :4], 0.0, False, None, None), "value dim 2",
              torch_refuses=False)
    yield Bad((q, k.double(), k, 0.0, False, None, None), "key is Double",
              torch_refuses=False)
    yield Bad((None, k, k, 0.0, False, None, None), "NULL",
              torch_refuses=False)


# torch's own kernel rounds the weights to the dtype before it multiplies; ours
# does not, so that low precision is compared with the definition.
op(SYMBOL, aten=aten, dtypes=FLOATS)
op(SYMBOL, reference=exact, outputs=("Tensor", "Tensor"), dtypes=LOW_FLOATS,
   bad=False)
op(SYMBOL, reference=exact, outputs=("Tensor", "Tensor"), samples=strided_samples,
   dtypes=FLOATS + LOW_FLOATS, bad=False)
