# SPDX-License-Identifier: Apache-2.0
"""Searching, selecting and counting."""


def cases(torch, harness):
    """(name, symbol, arguments in C order, the same in torch as a callable,
    number of results)"""
    yield from masked(torch)
    yield from running(torch)
    yield from searching(torch)
    yield from picking(torch)
    yield from counting(torch)
    yield from reducing(torch)


def masked(torch):
    aten = torch.ops.aten
    x = torch.randn(512, 512)
    for share in (0.1, 0.5):
        mask = torch.rand(512, 512) < share
        yield (f"masked_select [512, 512] {share}",
               "aoti_torch_cpu_masked_select", (x, mask),
               lambda mask=mask: aten.masked_select(x, mask), 1)
        source = torch.randn(512 * 512)
        yield (f"masked_scatter [512, 512] {share}",
               "aoti_torch_cpu_masked_scatter", (x, mask, source),
               lambda mask=mask: aten.masked_scatter(x, mask, source), 1)
        yield (f"masked_scatter_backward [512, 512] {share}",
               "aoti_torch_cpu_masked_scatter_backward",
               (x, mask, [512 * 512]),
               lambda mask=mask: aten.masked_scatter_backward(
                   x, mask, [512 * 512]), 1)
    rows = torch.rand(512, 1) < 0.5
    yield ("masked_select rows", "aoti_torch_cpu_masked_select", (x, rows),
           lambda: aten.masked_select(x, rows), 1)
    for most in (3, 50):
        repeats = torch.randint(0, most, (4096,))
        yield (f"repeat_interleave 4096 below {most}",
               "aoti_torch_cpu_repeat_interleave_Tensor", (repeats, None),
               lambda r=repeats: aten.repeat_interleave.Tensor(r), 1)


def running(torch):
    aten = torch.ops.aten
    for dtype in (torch.float32, torch.int64):
        x = (torch.randn(1000, 1000) * 1e6).to(dtype)
        name = str(dtype)[6:]
        for dim in (0, 1):
            yield (f"cummax dim {dim} [1000, 1000] {name}",
                   "aoti_torch_cpu_cummax", (x, dim),
                   lambda x=x, dim=dim: aten.cummax(x, dim), 2)
    x = torch.randn(64, 1000)
    yield ("cummin [64, 1000]", "aoti_torch_cpu_cummin", (x, 1),
           lambda: aten.cummin(x, 1), 2)
    for dim in (0, 1):
        yield (f"logcumsumexp dim {dim} [64, 1000]",
               "aoti_torch_cpu_logcumsumexp", (x, dim),
               lambda dim=dim: aten.logcumsumexp(x, dim), 1)


def searching(torch):
    aten = torch.ops.aten
    for dtype in (torch.float32, torch.int64):
        values = (torch.randn(100000) * 1000).to(dtype)
        boundaries = (torch.randn(1000) * 1000).to(dtype).sort().values
        name = str(dtype)[6:]
        yield (f"searchsorted 100000 in 1000 {name}",
               "aoti_torch_cpu_searchsorted_Tensor",
               (boundaries, values, False, False, None, None),
               lambda b=boundaries, v=values: aten.searchsorted.Tensor(b, v), 1)
        few = boundaries[::100].contiguous()
        yield (f"bucketize 100000 in 10 {name}",
               "aoti_torch_cpu_bucketize_Tensor", (values, few, False, False),
               lambda b=few, v=values: aten.bucketize.Tensor(v, b), 1)
    yield ("searchsorted number in 1000", "aoti_torch_cpu_searchsorted_Scalar",
           (boundaries, 7.0, False, False, None, None),
           lambda: aten.searchsorted.Scalar(boundaries, 7.0), 1)


def picking(torch):
    aten = torch.ops.aten
    x = torch.randn(100000)
    yield ("median 100000", "aoti_torch_cpu_median", (x,),
           lambda: aten.median(x), 1)
    yield ("nanmedian 100000", "aoti_torch_cpu_nanmedian", (x,),
           lambda: aten.nanmedian(x), 1)
    small = torch.randn(500)
    yield ("median 500", "aoti_torch_cpu_median", (small,),
           lambda: aten.median(small), 1)
    for sizes in [(100000,), (64, 1000), (1000, 16)]:
        y = torch.randn(sizes)
        k = sizes[-1] // 3
        yield (f"kthvalue {list(sizes)}", "aoti_torch_cpu_kthvalue",
               (y, k, -1, False),
               lambda y=y, k=k: aten.kthvalue(y, k, -1, False), 2)
        z = torch.randint(0, 50, sizes)
        yield (f"mode {list(sizes)}", "aoti_torch_cpu_mode", (z, -1, False),
               lambda z=z: aten.mode(z, -1, False), 2)
        yield (f"mode {list(sizes)} float32", "aoti_torch_cpu_mode",
               (y, -1, False), lambda y=y: aten.mode(y, -1, False), 2)


def counting(torch):
    aten = torch.ops.aten
    x = torch.randn(100000)
    yield ("histc 100000 in 100", "aoti_torch_cpu_histc", (x, 100, 0.0, 0.0),
           lambda: aten.histc(x, 100), 1)
    yield ("histogram 100000 in 100", "aoti_torch_cpu_histogram_bin_ct",
           (x, 100, None, None, False),
           lambda: aten.histogram.bin_ct(x, 100), 2)
    weight = torch.rand(100000)
    yield ("histogram weighted", "aoti_torch_cpu_histogram_bin_ct",
           (x, 100, None, weight, False),
           lambda: aten.histogram.bin_ct(x, 100, weight=weight), 2)
    pairs = x.view(-1, 2)
    yield ("histogramdd 50000x2 in 20x20",
           "aoti_torch_cpu__histogramdd_from_bin_cts",
           (pairs, [20, 20], None, None, False),
           lambda: aten._histogramdd_from_bin_cts(pairs, [20, 20]), 1)


def reducing(torch):
    aten = torch.ops.aten
    table, values = torch.randn(10000, 64), torch.randn(4096, 64)
    rows = torch.randint(0, 10000, (4096,))
    flat, many = torch.randn(10000), torch.randn(100000)
    places = torch.randint(0, 10000, (100000,))
    for reduce in ("amax", "mean", "prod"):
        yield (f"index_reduce {reduce} [4096, 64]",
               "aoti_torch_cpu_index_reduce",
               (table, 0, rows, values, reduce, True),
               lambda r=reduce: aten.index_reduce(table, 0, rows, values, r), 1)
    yield ("index_reduce amax 100000", "aoti_torch_cpu_index_reduce",
           (flat, 0, places, many, "amax", True),
           lambda: aten.index_reduce(flat, 0, places, many, "amax"), 1)
    lengths = torch.full((256,), 16)
    for reduce in ("sum", "max"):
        for data in (values, values[:, 0].contiguous()):
            name = f"{reduce} {list(data.shape)}"
            yield (f"segment_reduce {name}", "aoti_torch_cpu_segment_reduce",
                   (data, reduce, lengths, None, None, 0, False, None),
                   lambda d=data, r=reduce: aten.segment_reduce(
                       d, r, lengths=lengths), 1)
            out = aten.segment_reduce(data, reduce, lengths=lengths)
            back = aten._segment_reduce_backward
            yield (f"segment_reduce_backward {name}",
                   "aoti_torch_cpu__segment_reduce_backward",
                   (out, out, data, reduce, lengths, None, 0, None),
                   lambda d=data, r=reduce, o=out: back(
                       o, o, d, r, lengths=lengths), 1)
