# SPDX-License-Identifier: Apache-2.0
"""Gradients of convolutions, attention and embeddings; what is called by
name; random numbers."""
import torch

aten = torch.ops.aten


class Batch(torch.nn.Module):
    def convolutions(self, x, last, w, depthwise):
        none, all_three = [0, 0], [True, True, True]
        result = []
        for image in (x, last):
            y = aten.convolution(image, w, None, [1, 1], [1, 1], [1, 1], False,
                                 none, 1)
            result += aten.convolution_backward(
                y, image, w, [6], [1, 1], [1, 1], [1, 1], False, none, 1,
                all_three)
            y = aten.convolution(image, depthwise, None, [2, 2], [1, 1],
                                 [1, 1], False, none, 4)
            result += aten.convolution_backward(
                y, image, depthwise, [4], [2, 2], [1, 1], [1, 1], False, none,
                4, [True, True, False])[:2]
        y = aten.convolution(x, w.transpose(0, 1), None, [2, 2], [1, 1], [1, 1],
                             True, [1, 1], 1)
        result += aten.convolution_backward(
            y, x, w.transpose(0, 1), [6], [2, 2], [1, 1], [1, 1], True, [1, 1],
            1, all_three)
        return result

    def attention(self, q, k, v, mask):
        result = []
        for causal, bias in ((False, None), (True, None), (False, mask)):
            out, sums = aten._scaled_dot_product_flash_attention_for_cpu(
                q, k, v, 0.0, causal, attn_mask=bias)
            result += aten._scaled_dot_product_flash_attention_for_cpu_backward(
                out.cos(), q, k, v, out, sums, 0.0, causal, attn_mask=bias)
        return result

    def embeddings(self, table, rows, offsets, grad, words):
        result = []
        for mode in (0, 1, 2):
            out, to_bag, sizes, places = aten._embedding_bag(
                table, rows, offsets, False, mode, False, None, False, 2)
            result.append(aten._embedding_bag_dense_backward(
                grad, rows, to_bag, sizes, places, 10, False, mode, None, 2))
        result.append(aten._embedding_bag_per_sample_weights_backward(
            grad, table, rows, offsets, to_bag, 0, 2))
        result.append(aten.embedding_dense_backward(words, rows, 10, 3, True))
        result.append(aten._embedding_bag_backward(
            grad, rows, offsets, to_bag, sizes, places, 10, False, 1, False,
            None, -1))
        return result

    def by_name(self, x, mean, deviation):
        result = list(aten.native_layer_norm(x, [12], x[0], None, 1e-5))
        result.append(aten.multinomial(x.abs(), 5))
        result.append(aten.multinomial(x.abs(), 20, True))
        result.append(aten.multinomial(x.abs(), 1))
        result += aten.rrelu_with_noise_functional(x, torch.zeros_like(x), 0.1,
                                                   0.3, True)
        result.append(aten.normal.Tensor_float(mean, 2.0))
        result.append(aten.normal.float_Tensor(1.5, deviation))
        result.append(aten.normal.Tensor_Tensor(mean, deviation))
        return result

    def forward(self, x, last, w, depthwise, q, k, v, mask, table, rows,
                offsets, grad, words, y, mean, deviation):
        return tuple(self.convolutions(x, last, w, depthwise)
                     + self.attention(q, k, v, mask)
                     + self.embeddings(table, rows, offsets, grad, words)
                     + self.by_name(y, mean, deviation))


def inputs():
    x = torch.randn(2, 4, 8, 9)
    q = torch.randn(2, 3, 20, 16)
    k, v = [torch.randn(2, 33, 3, 16).transpose(1, 2) for _ in range(2)]
    return (x, torch.randn(2, 4, 8, 9).to(memory_format=torch.channels_last),
            torch.randn(6, 4, 3, 3), torch.randn(4, 1, 3, 3), q, k, v,
            torch.randn(2, 1, 20, 33), torch.randn(10, 8),
            torch.randint(0, 10, (12,)), torch.tensor([0, 3, 3, 7]),
            torch.randn(4, 8), torch.randn(12, 8), torch.randn(7, 12),
            torch.randn(5, 6), torch.rand(6))


OPERATORS = [
    "aoti_torch_cpu_convolution_backward",
    "aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu_backward",
    "aoti_torch_cpu__embedding_bag_dense_backward",
    "aoti_torch_cpu__embedding_bag_per_sample_weights_backward",
]
