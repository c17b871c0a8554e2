# SPDX-License-Identifier: Apache-2.0
"""Attention, sorting, indexing, scans and random numbers."""


def cases(torch, harness):
    """(name, symbol, arguments in C order, the same in torch)"""
    aten = torch.ops.aten
    none = harness.NO_DEVICE
    attention = aten._scaled_dot_product_flash_attention_for_cpu
    for heads, queries, keys, size, causal in [
            (12, 128, 128, 64, False), (12, 512, 512, 64, False),
            (12, 512, 512, 64, True), (12, 1, 512, 64, False),
            (32, 16, 16, 64, False), (8, 197, 197, 80, False)]:
        q, k, v = [torch.randn(1, n, heads, size).transpose(1, 2)
                   for n in (queries, keys, keys)]
        yield (f"attention {heads}x{queries}x{keys}x{size}"
               + (" causal" if causal else ""),
               "aoti_torch_cpu__scaled_dot_product_flash_attention_for_cpu",
               (q, k, v, 0.0, causal, None, None),
               lambda q=q, k=k, v=v, c=causal: attention(q, k, v, 0.0, c), 2)
    for sizes in [(100000,), (1000, 1000), (256, 10)]:
        for dtype in (torch.float32, torch.int64):
            x = (torch.randn(sizes) * 1e6).to(dtype)
            name = f"{list(sizes)} {str(dtype)[6:]}"
            yield (f"sort {name}", "aoti_torch_cpu_sort", (x, -1, False),
                   lambda x=x: torch.sort(x), 2)
            yield (f"topk 5 {name}", "aoti_torch_cpu_topk",
                   (x, 5, -1, True, True), lambda x=x: torch.topk(x, 5), 2)
            yield (f"cumsum {name}", "aoti_torch_cpu_cumsum", (x, -1, None),
                   lambda x=x: torch.cumsum(x, -1), 1)
    for k, sizes in [(50, (32, 768)), (300, (64, 1000)), (8, (128, 64))]:
        for dtype in (torch.float32, torch.float64):
            x = torch.randn(sizes, dtype=dtype)
            yield (f"topk {k} {list(sizes)} {str(dtype)[6:]}",
                   "aoti_torch_cpu_topk", (x, k, -1, True, True),
                   lambda x=x, k=k: torch.topk(x, k), 2)
    x = torch.randn(1000, 50)
    yield ("cumsum dim 0 [1000, 50]", "aoti_torch_cpu_cumsum", (x, 0, None),
           lambda: torch.cumsum(x, 0), 1)
    yield ("topk 50 [32000]", "aoti_torch_cpu_topk",
           (x.view(-1)[:32000], 50, 0, True, True),
           lambda: torch.topk(x.view(-1)[:32000], 50), 2)
    table = torch.randn(10000, 64)
    rows = torch.randint(0, 10000, (4096,))
    yield ("index rows", "aoti_torch_cpu_index_Tensor", (table, [rows]),
           lambda: aten.index.Tensor(table, [rows]), 1)
    columns = torch.randint(0, 64, (4096,))
    yield ("index elements", "aoti_torch_cpu_index_Tensor",
           (table, [rows, columns]),
           lambda: aten.index.Tensor(table, [rows, columns]), 1)
    cache, new = torch.randn(1, 8, 512, 64), torch.randn(1, 8, 1, 64)
    at = torch.tensor([17])
    yield ("index_put of a cache", "aoti_torch_index_put_out",
           (cache, cache, [None, None, at], new, False),
           lambda: aten.index_put_(cache, [None, None, at], new), 0)
    values = torch.randn(4096, 64)
    target = table.clone()
    yield ("index_put accumulate", "aoti_torch_index_put_out",
           (target, target, [rows], values, True),
           lambda: aten.index_put_(target, [rows], values, True), 0)
    index = torch.randint(0, 10000, (4096, 64))
    yield ("scatter", "aoti_torch_cpu_scatter_src_out",
           (target, target, 0, index, values),
           lambda: target.scatter_(0, index, values), 0)
    yield ("scatter_reduce sum", "aoti_torch_scatter_reduce_out",
           (target, target, 0, index, values, "sum", True),
           lambda: target.scatter_reduce_(0, index, values, "sum"), 0)
    mask = torch.rand(512, 512) < 0.1
    yield ("nonzero", "aoti_torch_cpu_nonzero", (mask,),
           lambda: torch.nonzero(mask), 1)
    offsets = torch.arange(0, 4096, 16)
    yield ("embedding_bag sum", "aoti_torch_cpu__embedding_bag",
           (table, rows, offsets, False, 0, False, None, False, -1),
           lambda: aten._embedding_bag(table, rows, offsets), 4)
    for count in (100, 1000000):
        for name in ("rand", "randn"):
            yield (f"{name} {count}", f"aoti_torch_cpu_{name}",
                   ([count], None, None, none, None),
                   lambda f=getattr(torch, name), n=count: f(n), 1)
    yield ("randint 100000", "aoti_torch_cpu_randint_low",
           (0, 1000, [100000], torch.int64, None, none, None),
           lambda: torch.randint(0, 1000, (100000,)), 1)
    yield ("randperm 100000", "aoti_torch_cpu_randperm",
           (100000, torch.int64, None, none, None),
           lambda: torch.randperm(100000), 1)
    x = torch.randn(100000)
    yield ("native_dropout 100000", "aoti_torch_cpu_native_dropout",
           (x, 0.1, True), lambda: torch.native_dropout(x, 0.1, True), 2)
