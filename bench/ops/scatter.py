# SPDX-License-Identifier: Apache-2.0
"""gather and scatter along the first and the last dimension."""
SIZES = ((256, 1024), (64, 128, 64))


def of_size(torch, sizes, dtype):
    aten = torch.ops.aten
    x, y = [torch.randint(0, 100, sizes).to(dtype) for _ in range(2)]
    out = x.clone()
    for dim in (0, len(sizes) - 1):
        index = torch.randint(0, sizes[dim], sizes)
        text = f"{list(sizes)} dim {dim} {str(dtype)[6:]}"
        yield (f"gather {text}", "aten::gather", (x, dim, index, False),
               lambda d=dim, i=index: x.gather(d, i), 1)
        yield (f"scatter.src {text}", "aten::scatter.src", (x, dim, index, y),
               lambda d=dim, i=index: x.scatter(d, i, y), 1)
        yield (f"scatter.src_out {text}", "aoti_torch_cpu_scatter_src_out",
               (out, out, dim, index, y),
               lambda d=dim, i=index: out.scatter_(d, i, y), 0)
        yield (f"scatter.value_out {text}", "aoti_torch_cpu_scatter_value_out",
               (out, out, dim, index, 1.0),
               lambda d=dim, i=index: out.scatter_(d, i, 1.0), 0)
        yield (f"scatter_add {text}", "aten::scatter_add", (x, dim, index, y),
               lambda d=dim, i=index: x.scatter_add(d, i, y), 1)
        for reduce in ("sum", "amax", "mean"):
            yield (f"scatter_reduce {reduce} {text}",
                   "aoti_torch_cpu_scatter_reduce_two_out",
                   (out, out, dim, index, y, reduce, True),
                   lambda d=dim, i=index, r=reduce: aten.scatter_reduce_(
                       out, d, i, y, r), 0)


def cases(torch, harness):
    for sizes in SIZES:
        for dtype in (torch.float32, torch.float64, torch.int64, torch.bfloat16):
            yield from of_size(torch, sizes, dtype)
