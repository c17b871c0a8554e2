# SPDX-License-Identifier: Apache-2.0
"""Matrix products beside mm, addmm and bmm; norms of rows; distances."""
import torch

aten = torch.ops.aten

# inductor lowers _fused_rms_norm and addmv itself, and calls _scaled_mm's out
# form.
OPERATORS = [
    "aoti_torch_cpu__addmm_activation",
    "aoti_torch_cpu__cdist_backward",
    "aoti_torch_cpu__cdist_forward",
    "aoti_torch_cpu__grouped_mm",
    "aoti_torch_cpu__int_mm_out",
    "aoti_torch_cpu__pdist_backward",
    "aoti_torch_cpu__pdist_forward",
    "aoti_torch_cpu__scaled_mm_out",
    "aoti_torch_cpu__trilinear",
    "aoti_torch_cpu_addbmm",
]


class Batch(torch.nn.Module):

    def forward(self, x, y, w, bytes_a, bytes_b, eighths_a, eighths_b, ends):
        results = list(aten._fused_rms_norm(x, [16], w[0, 0], None))
        results.append(aten.addmv(x[:, 0], x, w[0, 0], beta=2, alpha=3))
        results.append(aten.addbmm(x[:5, :7], w[:, :5, :], w[:, :7].mT))
        for gelu in (False, True):
            results.append(aten._addmm_activation(w[0, 0], x, w[0],
                                                  use_gelu=gelu))
        results.append(aten._int_mm(bytes_a, bytes_b))
        one = x.abs().amax()
        results.append(aten._scaled_mm(eighths_a, eighths_b, one, one, w[0, 0],
                                       None, torch.bfloat16))
        results.append(aten._scaled_mm(eighths_a, eighths_b, x[:8, :1].clone(),
                                       w[0, :1].clone(), None, None,
                                       torch.float32))
        results.append(aten._grouped_mm(x, w, ends))
        for p, mode in ((1.0, 2), (2.0, None), (2.0, 1), (3.0, 2),
                        (float("inf"), None)):
            dist = aten._cdist_forward(x, y, p, mode)
            results.append(dist)
            results.append(aten._cdist_backward(dist * 0.5, x, y, p, dist))
            pairs = aten._pdist_forward(y, p)
            results.append(pairs)
            results.append(aten._pdist_backward(pairs * 0.5, y, p, pairs))
        results.append(aten._trilinear(x[:10], w, y[:10], [1, 3], [0], [1, 2],
                                       [2, 3], 1))
        return tuple(results)


def inputs():
    def eighths(*sizes):
        return torch.randn(sizes).to(torch.float8_e4m3fn)

    return (torch.randn(20, 16), torch.randn(10, 16) + 3,
            torch.randn(3, 16, 16),
            torch.randint(-128, 128, (9, 24), dtype=torch.int8),
            torch.randint(-128, 128, (24, 17), dtype=torch.int8),
            eighths(8, 32), eighths(16, 32).t(),
            torch.tensor([5, 5, 20], dtype=torch.int32))
