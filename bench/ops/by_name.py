# SPDX-License-Identifier: Apache-2.0
"""Operators without a C function: linear algebra, weight norm, normal numbers."""


def algebra(torch):
    aten = torch.ops.aten
    for sizes in [(1000, 4, 4), (64, 64), (256, 256)]:
        a = torch.randn(sizes) / sizes[-1] ** 0.5
        name = str(list(sizes))
        yield (f"linalg_matrix_exp {name}", "aten::linalg_matrix_exp", (a,),
               lambda a=a: aten.linalg_matrix_exp(a), 1)
        yield (f"linalg_eig {name}", "aten::linalg_eig", (a,),
               lambda a=a: aten.linalg_eig(a), 2)
        yield (f"_linalg_eigvals {name}", "aten::_linalg_eigvals", (a,),
               lambda a=a: aten._linalg_eigvals(a), 1)
        yield (f"linalg_pinv {name}", "aten::linalg_pinv.atol_rtol_tensor",
               (a, None, None, False),
               lambda a=a: aten.linalg_pinv.atol_rtol_tensor(a), 1)
        yield (f"linalg_polar {name}", "aten::linalg_polar", (a,),
               lambda a=a: aten.linalg_polar(a), 2)
        s = a @ a.mT
        yield (f"linalg_matrix_sqrth {name}", "aten::linalg_matrix_sqrth", (s,),
               lambda s=s: aten.linalg_matrix_sqrth(s), 1)
        s = a + a.mT
        yield (f"linalg_ldl_factor_ex {name}", "aten::linalg_ldl_factor_ex",
               (s, False, False), lambda s=s: aten.linalg_ldl_factor_ex(s), 3)
        ld, pivots = torch.linalg.ldl_factor(s)
        b = torch.randn(*sizes[:-1], 8)
        yield (f"linalg_ldl_solve {name} 8", "aten::linalg_ldl_solve",
               (ld, pivots, b, False),
               lambda f=ld, p=pivots, b=b: aten.linalg_ldl_solve(f, p, b), 1)


def cases(torch, harness):
    """(name, symbol, arguments in the schema's order, the same in torch as a
    callable, number of results)"""
    torch.manual_seed(1)
    aten = torch.ops.aten
    yield from algebra(torch)
    for sizes, dtype in [((512, 512, 3), torch.float32),
                         ((512, 512, 3), torch.bfloat16)]:
        v, w = (torch.randn(sizes).to(dtype) for _ in range(2))
        for dim in (0, 2):
            shape = [1, 1, 1]
            shape[dim] = sizes[dim]
            g = torch.rand(shape).to(dtype)
            norms = aten._weight_norm_interface(v, g, dim)[1]
            yield (f"_weight_norm backward {str(dtype)[6:]} dim {dim}",
                   "aten::_weight_norm_interface_backward",
                   (w, v, g, norms, dim),
                   lambda w=w, v=v, g=g, n=norms, d=dim:
                   aten._weight_norm_interface_backward(w, v, g, n, d), 2)
    x = torch.randn(512, 1024)
    for order, dim in ((2, None), (2, [0]), (2, [1]), (1, [1]), (3.5, [1])):
        yield (f"linalg__powsum {order} [512, 1024] {dim}",
               "aten::linalg__powsum", (x, order, dim, False, None),
               lambda o=order, d=dim: aten.linalg__powsum(x, o, d), 1)
    for ci, size in ((3, 112), (64, 28)):
        image, weight = torch.randn(2, ci, size, size), torch.randn(64, ci, 3, 3)
        rest = ([3, 3], None, [1, 1], [1, 1])
        yield (f"_slow_conv2d_forward 2x{ci}x{size}x{size} k3",
               "aten::_slow_conv2d_forward", (image, weight, *rest),
               lambda i=image, w=weight, r=rest:
               aten._slow_conv2d_forward(i, w, *r), 1)
        g = torch.randn(2, 64, size, size)
        rest = ([3, 3], [1, 1], [1, 1], [True] * 3)
        yield (f"_slow_conv2d_backward 2x{ci}x{size}x{size} k3",
               "aten::_slow_conv2d_backward.output_mask",
               (g, image, weight, *rest),
               lambda g=g, i=image, w=weight, r=rest:
               aten._slow_conv2d_backward.output_mask(g, i, w, *r), 3)
    mean, std = torch.randn(256, 256), torch.rand(256, 256)
    yield ("normal 256x256", "aten::normal.Tensor_Tensor", (mean, std, None),
           lambda: aten.normal.Tensor_Tensor(mean, std), 1)
    points = torch.randn(10000, 3)
    yield ("_histogramdd_bin_edges 10000x3", "aten::_histogramdd_bin_edges",
           (points, [10, 10, 10], None, None, False),
           lambda: aten._histogramdd_bin_edges(points, [10, 10, 10]), 3)
    for channels in (3, 8):
        image = torch.randint(0, 256, (1, channels, 480, 640)).byte()
        yield (f"_upsample_bilinear2d_aa u8 {channels} x 480 x 640 to 224",
               "aten::_upsample_bilinear2d_aa",
               (image, [224, 224], False, None, None),
               lambda i=image: aten._upsample_bilinear2d_aa(i, [224, 224], False),
               1)
