# SPDX-License-Identifier: Apache-2.0
"""Gradients of convolutions, attention and embedding bags."""


def convolutions(torch, harness):
    backward = torch.ops.aten.convolution_backward.default
    for name, x, w, stride, padding, groups in [
            ("64x56x56 k3", (1, 64, 56, 56), (64, 64, 3, 3), 1, 1, 1),
            ("8x128x28x28 k3 s2", (8, 128, 28, 28), (128, 128, 3, 3), 2, 1, 1),
            ("4x256x14x14 k1", (4, 256, 14, 14), (1024, 256, 1, 1), 1, 0, 1),
            ("8x512x7x7 k3", (8, 512, 7, 7), (512, 512, 3, 3), 1, 1, 1),
            ("2x3x224x224 k7 s2", (2, 3, 224, 224), (64, 3, 7, 7), 2, 3, 1),
            ("4x96x56x56 depthwise k3", (4, 96, 56, 56), (96, 1, 3, 3), 1, 1,
             96),
            ("8x64x256 k5 1-d", (8, 64, 256), (64, 64, 5), 1, 2, 1)]:
        for last in (False, True):
            if last and len(x) != 4:
                continue
            form = torch.channels_last if last else torch.contiguous_format
            a = torch.randn(x).contiguous(memory_format=form)
            b = torch.randn(w).contiguous(memory_format=form)
            dims = len(x) - 2
            rest = ([w[0]], [stride] * dims, [padding] * dims, [1] * dims,
                    False, [0] * dims, groups, [True] * 3)
            result = torch.ops.aten.convolution.default(a, b, None, *rest[1:7])
            g = torch.randn(result.shape).contiguous(memory_format=form)
            yield ("convolution_backward " + name + (" nhwc" if last else ""),
                   "aoti_torch_cpu_convolution_backward", (g, a, b, *rest),
                   lambda g=g, a=a, b=b, rest=rest: backward(g, a, b, *rest), 3)


def attentions(torch, harness):
    aten = torch.ops.aten
    forward = aten._scaled_dot_product_flash_attention_for_cpu
    backward = aten._scaled_dot_product_flash_attention_for_cpu_backward
    for heads, queries, keys, size, causal, dtype in [
            (12, 128, 128, 64, False, torch.float32),
            (12, 512, 512, 64, False, torch.float32),
            (12, 512, 512, 64, True, torch.float32),
            (8, 197, 197, 80, False, torch.float32),
            (8, 77, 1024, 64, False, torch.float32),
            (12, 256, 256, 64, False, torch.bfloat16)]:
        q, k, v = [torch.randn(1, n, heads, size).to(dtype).transpose(1, 2)
                   for n in (queries, keys, keys)]
        out, sums = forward(q, k, v, 0.0, causal)
        g = torch.randn(out.shape).to(dtype)
        yield (f"attention backward {heads}x{queries}x{keys}x{size}"
               + (" causal" if causal else "") + f" {str(dtype)[6:]}",
               "aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu"
               "_backward",
               (g, q, k, v, out, sums, 0.0, causal, None, None),
               lambda q=q, k=k, v=v, c=causal, g=g, out=out, sums=sums:
               backward(g, q, k, v, out, sums, 0.0, c), 3)


def embeddings(torch, harness):
    aten = torch.ops.aten
    indices = torch.randint(0, 10000, (4096,))
    bags = torch.arange(4096) // 16
    sizes = torch.full((256,), 16)
    table = torch.randn(10000, 64)
    for dtype in (torch.float32, torch.bfloat16):
        g = torch.randn(256, 64).to(dtype)
        args = (g, indices, bags, sizes, sizes, 10000, False, 1, None, -1)
        yield (f"_embedding_bag_dense_backward {str(dtype)[6:]}",
               "aoti_torch_cpu__embedding_bag_dense_backward", args,
               lambda args=args: aten._embedding_bag_dense_backward(*args), 1)
    offsets = torch.arange(0, 4096, 16)
    args = (torch.randn(256, 64), table, indices, offsets, bags, 0, -1)
    yield ("_embedding_bag_per_sample_weights_backward",
           "aoti_torch_cpu__embedding_bag_per_sample_weights_backward", args,
           lambda: aten._embedding_bag_per_sample_weights_backward(*args), 1)


def cases(torch, harness):
    """(name, symbol, arguments in C order, the same in torch as a callable,
    number of results)"""
    yield from convolutions(torch, harness)
    yield from attentions(torch, harness)
    yield from embeddings(torch, harness)
