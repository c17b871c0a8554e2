# SPDX-License-Identifier: Apache-2.0
"""Matrix products as linear layers and attention call them; bench/ops_matmul.py
has more, with constant weights and beside oneDNN."""


def cases(torch, harness):
    for m, n, k in [(1, 768, 768), (8, 768, 768), (128, 768, 768),
                    (128, 3072, 768), (512, 512, 512), (64, 64, 64)]:
        x, w, b = torch.randn(m, k), torch.randn(n, k), torch.randn(n)
        out = torch.empty(m, n)
        yield (f"addmm {m}x{n}x{k}", "aoti_torch_cpu_addmm_out",
               (out, b, x, w.t(), 1.0, 1.0),
               lambda o=out, b=b, x=x, w=w: torch.addmm(b, x, w.t(), out=o), 0)
    for m, n, k in [(16, 768, 768), (128, 768, 768), (1024, 1024, 1024)]:
        x, w = torch.randn(m, k).bfloat16(), torch.randn(n, k).bfloat16()
        out = torch.empty(m, n).bfloat16()
        yield (f"mm {m}x{n}x{k} bfloat16", "aoti_torch_cpu_mm_out",
               (out, x, w.t()),
               lambda o=out, x=x, w=w: torch.mm(x, w.t(), out=o), 0)
    for batch, m, n, k in [(12, 128, 128, 64), (12, 128, 64, 128)]:
        x, y = torch.randn(batch, m, k), torch.randn(batch, k, n)
        out = torch.empty(batch, m, n)
        yield (f"bmm {batch}x{m}x{n}x{k}", "aoti_torch_cpu_bmm_out",
               (out, x, y),
               lambda o=out, x=x, y=y: torch.bmm(x, y, out=o), 0)
