# SPDX-License-Identifier: Apache-2.0
"""Sweeps for make_packages.py: models that call many operators each, so that
every kind of shader and of operator has run at least once."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import special


class Of(nn.Module):
    """A function as a model."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def stack(functions, *inputs, left_out=0, per_kernel=16):
    """What each function makes of the inputs. A kernel of Metal has at most 31
    buffers and functions over as many elements become one kernel, so each
    |per_kernel| of them get one column less, from |left_out| on."""
    out = []
    for first in range(0, len(functions), per_kernel):
        given = [x[..., left_out + first // per_kernel:] for x in inputs]
        out.append(torch.stack([f(*given) for f in
                                functions[first:first + per_kernel]]))
    return out


def special_functions(x, p, u, n):
    """|p| > 0, 0 < |u| < 1, |n| small whole numbers as floats."""
    whole = torch.arange(1, 6, device=x.device)
    one = stack([special.erf, special.erfc, special.expit, special.exp2,
                 special.expm1, special.sinc, special.ndtr, special.i0e,
                 special.i1e, special.i0, special.i1, special.log_ndtr,
                 special.bessel_j0, special.bessel_j1,
                 special.modified_bessel_i0, special.modified_bessel_i1], x)
    positive = stack([special.digamma, special.entr, special.log1p, torch.lgamma,
                      special.bessel_y0, special.bessel_y1,
                      special.modified_bessel_k0, special.modified_bessel_k1,
                      special.scaled_modified_bessel_k0,
                      special.scaled_modified_bessel_k1,
                      special.spherical_bessel_j0], p)
    fraction = stack([special.erfinv, special.logit,
                      lambda u: special.polygamma(1, u + 1)], u)
    two = stack([special.xlogy, special.xlog1py, special.gammainc,
                 special.gammaincc, lambda a, b: special.zeta(a + 1.5, b)], p,
                p.flip(1))
    polynomials = stack([special.chebyshev_polynomial_t,
                         special.chebyshev_polynomial_u,
                         special.chebyshev_polynomial_v,
                         special.chebyshev_polynomial_w,
                         special.hermite_polynomial_h,
                         special.hermite_polynomial_he,
                         special.laguerre_polynomial_l,
                         special.shifted_chebyshev_polynomial_t,
                         special.shifted_chebyshev_polynomial_u,
                         special.shifted_chebyshev_polynomial_v,
                         special.shifted_chebyshev_polynomial_w], u, n)
    return (*one, *positive, *fraction, *two, *polynomials, whole * 2)


def activations(x, slope):
    return (*stack([F.celu, F.elu, F.gelu, F.hardshrink, F.hardsigmoid,
                    F.hardswish, F.hardtanh, F.leaky_relu, F.logsigmoid, F.mish,
                    F.relu, F.relu6, F.rrelu, F.selu, F.silu, F.softplus,
                    F.softshrink, F.softsign, F.tanhshrink, torch.tanh,
                    torch.sigmoid, lambda x: F.threshold(x, 0.2, -3.0),
                    lambda x: F.gelu(x, approximate="tanh"),
                    lambda x: torch.clamp_min(x, -0.5),
                    lambda x: torch.clamp_max(x, 0.5)], x),
            F.glu(x[:, :6], 1), F.prelu(x, slope), F.softmin(x, 1),
            F.log_softmax(x, 0), F.normalize(x, dim=1), F.dropout(x, 0.5, False))


def arithmetic(x, y, p):
    return (*stack([torch.add, torch.sub, torch.mul, torch.atan2,
                    torch.copysign, torch.fmax, torch.fmin, torch.maximum,
                    torch.minimum, torch.hypot, torch.logaddexp,
                    torch.logaddexp2, torch.heaviside, torch.rsub,
                    lambda x, y: torch.addcmul(x, y, y, value=0.5),
                    lambda x, y: torch.lerp(x, y, 0.25),
                    lambda x, y: torch.lerp(x, y, x),
                    lambda x, y: torch.where(x > y, x, y)], x, y),
            *stack([torch.div, torch.fmod, torch.remainder, torch.floor_divide,
                    torch.true_divide, torch.ldexp,
                    lambda x, p: torch.div(x, p, rounding_mode="trunc"),
                    lambda x, p: torch.div(x, p, rounding_mode="floor"),
                    lambda x, p: torch.addcdiv(x, x, p, value=2.0),
                    lambda x, p: torch.pow(p, x),
                    lambda x, p: torch.clamp(x, -p, p)], x, p, left_out=2),
            *stack([torch.abs, torch.acos, torch.asin, torch.atan, torch.ceil,
                    torch.cos, torch.deg2rad, torch.exp, torch.floor, torch.frac,
                    torch.neg, torch.positive, torch.rad2deg, torch.round,
                    torch.sgn, torch.sign, torch.sin, torch.square, torch.tan,
                    torch.trunc, lambda x: torch.round(x, decimals=1),
                    lambda x: torch.nan_to_num(x / 0.0, 0.5, 9.0, -9.0),
                    lambda x: 2.0 - x, lambda x: x ** 3, lambda x: 2.0 ** x],
                   x.clamp(-0.9, 0.9), left_out=3),
            *stack([torch.log, torch.log2, torch.log10, torch.log1p, torch.sqrt,
                    torch.rsqrt, torch.reciprocal, lambda p: p ** 0.5,
                    lambda p: torch.acosh(p + 1), torch.asinh, torch.sinh,
                    torch.cosh, lambda p: torch.atanh(torch.tanh(p) * 0.9)], p,
                   left_out=5), *torch.frexp(p[:2]))


def truths(x, y, special_values, n):
    return (*stack([torch.eq, torch.ne, torch.lt, torch.le, torch.gt, torch.ge,
                    torch.isclose, torch.logical_and, torch.logical_or,
                    torch.logical_xor], x, y),
            *stack([torch.isnan, torch.isinf, torch.isfinite, torch.isposinf,
                    torch.isneginf, torch.signbit, torch.logical_not],
                   special_values),
            *stack([lambda n: (n > 2) & (n < 7), lambda n: (n > 2) | (n == 0),
                    lambda n: (n > 2) ^ (n < 5), lambda n: ~(n == 1),
                    lambda n: n != 3, lambda n: n == 4.0], n),
            (x > 0).any(1), (x > -9).all(), (x > 0).sum(1), torch.isin(n, n[0]),
            torch.count_nonzero(n, 1))


def whole_numbers(n, m, small):
    """|m| > 0; |small| is int32."""
    by_type = [(small.to(dtype) + 1) * 3 // 2 for dtype in
               (torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8)]
    return (*stack([torch.add, torch.sub, torch.mul, torch.bitwise_and,
                    torch.bitwise_or, torch.bitwise_xor, torch.maximum,
                    torch.minimum, torch.remainder, torch.fmod,
                    torch.floor_divide, lambda n, m: n % m,
                    lambda n, m: torch.div(n, m, rounding_mode="trunc")], n, m),
            *stack([torch.abs, torch.neg, torch.sign, torch.bitwise_not,
                    torch.square, lambda n: n << 3, lambda n: n >> 1,
                    lambda n: n ** 2, lambda n: n.clamp(-3, 4),
                    torch.relu], n),
            torch.bitwise_left_shift(small, small.abs() % 5),
            torch.bitwise_right_shift(small, small.abs() % 5),
            torch.gcd(n, m), torch.lcm(n, m), n.sum(1), n.prod(1), n.amax(1),
            n.amin(0), n.max(), n.argmax(1), n.argmin(0), n.cumsum(1),
            small.sum(1), small.cumprod(1), n.float().mean(1), n / m,
            *by_type)


def reductions(x, p, holes):
    return (x.sum(), x.sum((0, 2)), x.mean(1), x.std(1), x.var(2), x.amax(0),
            x.amin((1, 2)), *torch.aminmax(x, dim=1), *x.max(1), *x.min(2),
            x.max(), x.min(), x.argmax(1), x.argmin(), p.prod(2), (x > 2).any(),
            (x > -9).all(2), x.norm(), x.norm(1, 2), x.norm(float("inf"), 1),
            torch.linalg.vector_norm(x, 3, 1), x.logsumexp(2), holes.nansum(1),
            holes.nanmean(1), x.softmax(1), x.log_softmax(2),
            *torch.var_mean(x, 1), *torch.std_mean(x, 2), x[0].trace(),
            torch.dist(x, p), x.diff(dim=1), F.cosine_similarity(x, p, 2),
            F.pairwise_distance(x[0], p[0]), x.count_nonzero(1))


def scans_and_orders(x, p, holes):
    return (x.cumsum(1), p.cumprod(1), *x.cummax(1), *x.cummin(0),
            x.logcumsumexp(1), *x.sort(1), *torch.sort(x, stable=True, dim=0, descending=True),
            x.argsort(1), *x.topk(3, 1), *x.topk(2, 0, largest=False),
            x.median(), *x.kthvalue(3, 1), holes.nanmedian(), x.msort(),
            torch.bucketize(x, x[0].sort().values),
            torch.searchsorted(x.sort(1).values, p), torch.histc(x, 6, -2, 2),
            x.cumsum(0).cumsum(1), torch.trapezoid(x, dim=1),
            torch.cumulative_trapezoid(x, dim=0))


def views(x, z):
    """|x| is 4 x 6 x 8."""
    a, b = x.chunk(2, 1)
    c, d, e = x.split([1, 3, 2], 1)
    f, g = x.split(4, 2)
    h = x.unbind(0)
    i, j, k = x.tensor_split(3, 2)
    return (a + b, c + d[:, :1] + e[:, 1:], f - g, h[0] * h[3], i[..., :2] + k,
            x.view(24, 8) + 1, x.reshape(-1, 3) * 2, x.permute(2, 0, 1) + 1,
            x.transpose(0, 2) * 3, x[0].t() + 1, x.movedim(0, 2) + 2,
            x.swapaxes(0, 1) + 3, x.unsqueeze(1).squeeze(1) + 4,
            x[:1].expand(5, 6, 8) + 5, z.expand_as(x) + x, x.narrow(1, 2, 3) + 6,
            x.select(2, 5) + 7, x[1:4:2, ::3, -2:] + 8,
            x.diagonal(0, 1, 2) + 9, x.unfold(2, 3, 2) + 1,
            x.as_strided((3, 4), (9, 2), 1) + 2, x.flatten(1) + 3,
            x.unflatten(2, (2, 4)) + 4, x.repeat(1, 2, 1) + 5, x.tile(2) + 6,
            x.repeat_interleave(2, 1) + 7, x.roll((1, 2), (0, 2)) + 8,
            x.flip(0, 2) + 9, x[0].rot90() + 1, x[0].fliplr() + 2,
            x[0].flipud() + 3, x.ravel() + 4, x.mT + 5, x[0].adjoint() + 6,
            x.view_as(x) + 7, x.clone() + 8, x.contiguous() + 9)


def joins(x, y, v):
    """|x|, |y|: 4 x 6, |v|: 5."""
    a, b = torch.meshgrid(v, v[:3], indexing="ij")
    return (torch.cat([x, y, x], 1), torch.stack([x, y], 2),
            torch.hstack([x, y]), torch.vstack([x, y]), torch.dstack([x, y]),
            torch.column_stack([x, y]), torch.block_diag(x, y),
            torch.cartesian_prod(v, v[:2]), a * b, torch.combinations(v[:3]),
            x.tril(), y.triu(1), torch.diag(v), torch.diag(x[:, :4]),
            torch.diag_embed(x), torch.outer(v, v), torch.kron(x[:2], y[:2, :2]),
            torch.tensordot(x, y, ([1], [1])), torch.zeros_like(x),
            torch.ones_like(x, dtype=torch.int32), torch.full_like(x, 2.5),
            torch.full((2, 3), 7, device=x.device), torch.eye(3, 4,
                                                              device=x.device),
            torch.linspace(0, 1, 7, device=x.device),
            torch.arange(2, 17, 3, device=x.device),
            torch.tril_indices(3, 4, device=x.device),
            torch.zeros(3, device=x.device), torch.ones(2, 2, device=x.device),
            x.new_full((2,), 4.0), x.new_zeros(2, 3), x.new_ones(3),
            torch.scalar_tensor(3.0, device=x.device), torch.vander(v, 3),
            torch.atleast_2d(v), torch.broadcast_to(v, (2, 5)) * 2,
            torch.constant_pad_nd(x, (1, 2, 0, 1), 0.5))


def indexing(x, rows, flags, table):
    """|x|: 6 x 6, |rows|: 3 of its rows."""
    columns = rows.view(1, 3).expand(4, 3).contiguous()
    s = x[:4, :3].contiguous()
    z = torch.zeros_like(x)
    y = x.clone()
    y[rows, 1] = 2.0
    w = x.clone()
    w[flags] = -1.0
    return (x[rows], x[:, rows], x[rows, rows], y, w, x.gather(1, columns),
            z[:4].scatter(1, columns, s), z[:4].scatter(1, columns, 1.5),
            z[:4].scatter_add(1, columns, s),
            z[:4].scatter_reduce(1, columns, s, "amax"),
            z[:4].scatter_reduce(1, columns, s, "mean", include_self=False),
            x.index_select(1, rows), z.index_add(0, rows, x[:3]),
            z.index_copy(0, rows, x[:3]), z.index_fill(1, rows, 4.0),
            x.index_put((rows,), x[3:], accumulate=True),
            z.index_reduce(0, rows, x[:3], "amin", include_self=False),
            x.take(rows), x[:4].take_along_dim(columns, 1),
            x.masked_fill(flags, 2.0), x.masked_scatter(flags, z + 1),
            torch.where(flags, x, 0.0), F.one_hot(rows, 8),
            F.embedding(rows, table), F.embedding(rows, table, 0),
            F.embedding_bag(rows, table, torch.tensor([0, 2],
                                                      device=x.device)),
            x.select_scatter(x[0], 0, 2), x.slice_scatter(x[:, :2], 1, 3, 5),
            x.diagonal_scatter(x[0]),
            x.repeat_interleave(2, 0))


def of_data(x, flags):
    """Sizes that the data decides."""
    return x[flags], flags.nonzero(), x.masked_select(flags).sum()


class Norms(nn.Module):

    def __init__(self):
        super().__init__()
        self.batch = nn.ModuleList([nn.BatchNorm1d(6), nn.BatchNorm2d(6),
                                    nn.BatchNorm3d(6)])
        self.group = nn.GroupNorm(3, 6)
        self.instance = nn.InstanceNorm2d(6, affine=True)
        self.layer = nn.LayerNorm((4, 5))
        self.rms = nn.RMSNorm(5)
        self.prelu = nn.PReLU(6)
        for norm in self.batch:
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 2)

    def forward(self, x):
        """2 x 6 x 4 x 5."""
        return (self.batch[0](x.flatten(2)), self.batch[1](x),
                self.batch[2](x.unsqueeze(2)), self.group(x), self.instance(x),
                self.layer(x), self.rms(x), self.prelu(x),
                F.local_response_norm(x, 3), F.normalize(x, 2, 1),
                F.channel_shuffle(x, 3), F.pixel_shuffle(x[:, :4], 2),
                F.layer_norm(x, (5,)), F.batch_norm(x, None, None,
                                                    training=True),
                F.unfold(x, 2, padding=1), F.fold(x.reshape(2, 24, 5)[..., :4],
                                                  (3, 3), 2),
                torch.renorm(x, 2, 0, 1.0))


def pools(a, b, c):
    """1, 2 and 3 dimensions behind a batch and channels."""
    values, places = F.max_pool2d(b, 2, return_indices=True)
    deep, deep_places = F.max_pool3d(c, 2, return_indices=True)
    return (F.max_pool1d(a, 3, 2, 1), F.max_pool2d(b, 3, 2, 1, 2),
            F.max_pool2d(b, 2, ceil_mode=True), values, places,
            F.max_pool3d(c, 3, 1, 1), deep, deep_places, F.avg_pool1d(a, 3, 2, 1),
            F.avg_pool2d(b, 3, 1, 1, count_include_pad=False),
            F.avg_pool2d(b, (2, 3)), F.avg_pool3d(c, 2),
            F.adaptive_avg_pool1d(a, 4), F.adaptive_avg_pool2d(b, (3, 2)),
            F.adaptive_avg_pool2d(b, 1), F.adaptive_max_pool1d(a, 3),
            F.adaptive_max_pool2d(b, 3), F.lp_pool2d(b.abs(), 2, 2),
            F.max_unpool2d(values, places, 2), F.max_unpool3d(deep, deep_places,
                                                              2))


def upsampling(a, b, c, grid, deep_grid):
    up = F.interpolate
    return (up(a, 9, mode="nearest"), up(b, (7, 9), mode="nearest"),
            up(c, (4, 5, 6), mode="nearest"), up(a, 9, mode="nearest-exact"),
            up(b, (7, 9), mode="nearest-exact"), up(a, 11, mode="linear"),
            up(a, 11, mode="linear", align_corners=True),
            up(b, (7, 9), mode="bilinear"),
            up(b, (7, 9), mode="bilinear", align_corners=True),
            up(b, scale_factor=1.5, mode="bicubic"),
            up(c, (4, 5, 6), mode="trilinear"), up(b, (3, 3), mode="area"),
            F.grid_sample(b, grid, align_corners=False),
            F.grid_sample(b, grid, "nearest", "border", align_corners=True),
            F.grid_sample(b, grid, "bicubic", "reflection",
                          align_corners=False),
            F.grid_sample(c, deep_grid, align_corners=False),
            F.affine_grid(b[:, 0, :2, :3].contiguous(), (2, 3, 4, 4),
                          align_corners=False))


def padding(a, b, c):
    return (F.pad(b, (1, 2, 0, 1), value=0.5), F.pad(b, (-1, 2)),
            F.pad(a, (2, 1), "reflect"), F.pad(b, (1, 2, 2, 1), "reflect"),
            F.pad(c, (1, 1, 1, 1, 1, 1), "reflect"), F.pad(a, (2, 1), "replicate"),
            F.pad(b, (1, 2, 2, 1), "replicate"),
            F.pad(c, (1, 0, 2, 1, 0, 1), "replicate"),
            F.pad(a, (2, 1), "circular"), F.pad(b, (1, 2, 2, 1), "circular"))


def losses(x, y, labels, signs):
    p, q = x.sigmoid(), y.sigmoid()
    r = "none"
    return (F.mse_loss(x, y), F.l1_loss(x, y, reduction=r), F.smooth_l1_loss(x, y),
            F.huber_loss(x, y, delta=0.7), F.binary_cross_entropy(p, q),
            F.binary_cross_entropy_with_logits(x, q), F.cross_entropy(x, labels),
            F.cross_entropy(x, labels, label_smoothing=0.1, reduction="sum"),
            F.nll_loss(x.log_softmax(1), labels),
            F.kl_div(x.log_softmax(1), y.softmax(1), reduction="batchmean"),
            F.soft_margin_loss(x, signs), F.hinge_embedding_loss(x, signs),
            F.margin_ranking_loss(x, y, signs),
            F.cosine_embedding_loss(x, y, signs[:, 0]),
            F.triplet_margin_loss(x, y, x + 1), F.poisson_nll_loss(x, q),
            F.multilabel_soft_margin_loss(x, (signs > 0).float()))


def products(a, b, c, d, v):
    """5 x 4, 4 x 6, 5 x 6, 3 x 4 x 6, 4."""
    return (a @ b, torch.mm(a, b), torch.matmul(a, d), torch.addmm(c, a, b),
            torch.addmm(c, a, b, beta=0.5, alpha=3.0),
            torch.bmm(d, d.mT), torch.baddbmm(d[:, :, :4], d, d.mT, beta=2.0),
            torch.addbmm(c, a.expand(3, 5, 4).contiguous(), d), torch.mv(a, v),
            torch.addmv(c[:, 0], a, v), torch.addr(a, a[:, 0], v),
            torch.dot(v, v), torch.vdot(v, a[0]), torch.inner(a, a),
            torch.outer(v, v), torch.einsum("ij,kjl->kil", a, d),
            torch.chain_matmul(a, b, b.t()), torch.linalg.multi_dot([a, b, b.t()]),
            torch.matrix_power(b @ b.t(), 3), torch.ger(v, v),
            F.linear(a, b.t(), c[0]), F.linear(a, b.t()),
            F.bilinear(a, a, d.permute(2, 1, 0)[:, :, :1].expand(6, 4, 4)
                       .contiguous()), torch.cdist(a, a * 0.5 + 1),
            torch.linalg.vecdot(a, a), torch.cross(a[:, :3], a[:, 1:], 1),
            torch.cosine_similarity(a, a.flip(0)))


def attention(q, k, v, keep):
    sdpa = F.scaled_dot_product_attention
    return (sdpa(q, k, v), sdpa(q, k, v, is_causal=True),
            sdpa(q, k, v, scale=0.5), sdpa(q, k, v, attn_mask=keep),
            sdpa(q[:, :2], k[:, :2], v[:, :2]))


class ManyConvolutions(nn.Module):

    def __init__(self):
        super().__init__()
        self.one = nn.ModuleList([
            nn.Conv1d(4, 6, 3, padding=1), nn.Conv1d(4, 4, 3, groups=4),
            nn.ConvTranspose1d(4, 3, 3, 2, 1, 1)])
        self.two = nn.ModuleList([
            nn.Conv2d(4, 6, (3, 2), (2, 1), (1, 0)), nn.Conv2d(4, 8, 1),
            nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False),
            nn.Conv2d(4, 5, 3, dilation=2, padding="same"),
            nn.Conv2d(4, 4, 3, padding=1, padding_mode="reflect"),
            nn.ConvTranspose2d(4, 6, 3, 2, groups=2)])
        self.three = nn.ModuleList([nn.Conv3d(4, 3, (2, 3, 3)),
                                    nn.ConvTranspose3d(4, 2, 2, 2)])

    def forward(self, a, b, c):
        return (*(m(a) for m in self.one), *(m(b) for m in self.two),
                *(m(c) for m in self.three))


def casts(x, n):
    types = (torch.float16, torch.bfloat16, torch.int64, torch.int32,
             torch.int16, torch.int8, torch.uint8, torch.bool)
    return (*(n.to(t) for t in types), *((x * 20).to(t) for t in types[2:6]),
            x.half() + 1, x.bfloat16() * 3, x.half().float(),
            x.bfloat16().float(), x.view(torch.int32), n.float(),
            (x > 0).to(torch.int32), (n > 2).float())


def low_precision(x, y):
    """The most used operators of half and bfloat16."""
    return (*stack([torch.add, torch.mul, torch.sub, torch.maximum,
                    lambda x, y: torch.where(x > y, x, y)], x, y),
            *stack([torch.exp, torch.sigmoid, torch.tanh, F.relu, F.gelu, F.silu,
                    torch.abs, torch.neg, torch.sin, torch.cos, torch.erf,
                    F.softplus, torch.floor], x),
            x.softmax(1), F.layer_norm(x, (8,)), x.sum(1), x.mean(0), x.amax(1),
            x.argmax(1), x.var(1), x @ y.t(), x.cumsum(1), *x.sort(1), *x.topk(3, 1),
            x.flip(1), torch.cat([x, y], 1), x.gather(1, x[:, :2].argsort(1)),
            F.pad(x, (1, 1)), x.logsumexp(1), F.rms_norm(x, (8,)),
            torch.bmm(x.unsqueeze(0), y.t().unsqueeze(0)), x.float() * 2)


def random(x):
    """Numbers differ from those of the CPU: what they obey does not."""
    g = dict(device=x.device)
    u, v = torch.rand(40, 50, **g), torch.rand_like(x)
    n, m = torch.randn(40, 50, **g), torch.randn_like(x)
    i = torch.randint(3, 9, (1000,), **g)
    p = torch.randperm(50, **g)
    dropped = F.dropout(torch.ones(2000, **g), 0.25, True)
    b = torch.bernoulli(torch.full((2000,), 0.3, **g))
    inside = lambda x, low, high: ((x >= low) & (x <= high)).all()
    return (inside(u, 0, 1), inside(v, 0, 1), inside(u.mean(), 0.47, 0.53),
            inside(u.var(), 0.07, 0.1), inside(n.mean(), -0.1, 0.1),
            inside(n.std(), 0.93, 1.07), inside(m, -9, 9), inside(i, 3, 8),
            (i == 3).any(), (i == 8).any(), p.sort().values, p.sum(),
            inside(dropped.mean(), 0.9, 1.1),
            ((dropped == 0) | ((dropped - 1 / 0.75).abs() < 1e-5)).all(),
            inside(b.mean(), 0.25, 0.35), ((b == 0) | (b == 1)).all(),
            (u[0] == u[1]).sum() < 3)


class Dynamic(nn.Module):
    """Batch and length are free."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(20, 6)
        self.conv = nn.Conv1d(6, 4, 3, padding=1)
        self.linear = nn.Linear(4, 5)

    def forward(self, ids, x):
        e = self.table(ids)
        c = self.conv(e.transpose(1, 2)).transpose(1, 2)
        y = F.gelu(self.linear(c))
        mask = torch.arange(ids.shape[1], device=x.device) < ids[:, :1]
        z = torch.cat([e, c], 2)
        return (y, y.softmax(1), z.masked_fill(~mask[:, :, None], 0.0).sum(1),
                torch.bmm(e, e.transpose(1, 2)), y.flatten(0, 1).amax(0),
                x.cumsum(1), *x.sort(1), x.var(1), F.pad(x, (1, 2)), x.tril(),
                x.gather(1, ids), y.argmax(2), x.flip(1), x.mean((0, 1)),
                F.layer_norm(e, (6,)), z.permute(2, 0, 1) * 2,
                x.unsqueeze(2).expand(-1, -1, 3) + 1, x[:, ::2] + 1,
                torch.full_like(x, 2.0) * x.shape[1], F.one_hot(ids, 20).sum(0))


def sweeps(fixed, dynamic):
    """As models.models(); |fixed| and |dynamic| are from there."""
    of = lambda function: lambda: Of(function)
    r = lambda *sizes: lambda: torch.randn(*sizes)
    p = lambda *sizes: lambda: torch.rand(*sizes) * 2 + 0.2
    u = lambda *sizes: lambda: torch.rand(*sizes) * 0.9 + 0.05
    n = lambda low, high, *sizes: lambda: torch.randint(low, high, sizes)

    def holes(*sizes):
        def make():
            x = torch.randn(*sizes)
            x[0, 0] = x[-1, -1] = float("nan")
            return x
        return make

    def odd_values():
        x = torch.randn(4, 7)
        x[0, 1], x[1, 2], x[2, 3] = float("nan"), float("inf"), -float("inf")
        x[3, 4] = -0.0
        return x

    def ids_of(batch, length):
        return (torch.randint(0, length, (batch, length)),
                torch.randn(batch, length))

    batch = torch.export.Dim("batch", min=2, max=64)
    length = torch.export.Dim("length", min=4, max=20)
    images = (r(2, 3, 10), r(2, 3, 6, 8), r(1, 2, 4, 4, 6))
    whole = lambda: torch.randint(0, 5, (4, 7)).float()
    rows = lambda: torch.tensor([2, 0, 5])
    return {
        "sweep_special": fixed(of(special_functions), r(4, 7), p(4, 7), u(4, 7),
                               whole),
        "sweep_activations": fixed(of(activations), r(4, 7), u(1)),
        "sweep_arithmetic": fixed(of(arithmetic), r(4, 7), r(4, 7), p(4, 7)),
        "sweep_truths": fixed(of(truths), r(4, 7), r(4, 7), odd_values,
                              n(0, 9, 4, 7)),
        "sweep_whole_numbers": fixed(
            of(whole_numbers), n(-40, 40, 4, 7), n(1, 12, 4, 7),
            lambda: torch.randint(0, 6, (4, 7)).int()),
        "sweep_reductions": fixed(of(reductions), r(4, 5, 6), p(4, 5, 6),
                                  holes(4, 5, 6)),
        "sweep_orders": fixed(of(scans_and_orders), r(5, 8), p(5, 8),
                              holes(5, 8)),
        "sweep_views": fixed(of(views), r(4, 6, 8), r(8)),
        "sweep_joins": fixed(of(joins), r(4, 6), r(4, 6), r(5)),
        "sweep_indexing": fixed(of(indexing), r(6, 6), rows,
                                lambda: torch.rand(6, 6) > 0.5, r(9, 4)),
        "sweep_of_data": fixed(of(of_data), r(6, 6),
                               lambda: torch.rand(6, 6) > 0.5),
        "sweep_norms": fixed(Norms, r(2, 6, 4, 5)),
        "sweep_pools": fixed(of(pools), *images),
        "sweep_upsampling": fixed(of(upsampling), *images,
                                  lambda: torch.rand(2, 4, 5, 2) * 2.4 - 1.2,
                                  lambda: torch.rand(1, 2, 3, 4, 3) * 2 - 1),
        "sweep_padding": fixed(of(padding), *images),
        "sweep_losses": fixed(of(losses), r(4, 6), r(4, 6), n(0, 6, 4),
                              lambda: torch.randint(0, 2, (4, 6)) * 2.0 - 1),
        "sweep_products": fixed(of(products), r(5, 4), r(4, 6), r(5, 6),
                                r(3, 4, 6), r(4)),
        "sweep_convolutions": fixed(ManyConvolutions, r(2, 4, 9), r(2, 4, 7, 8),
                                    r(1, 4, 3, 5, 4)),
        "sweep_attention": fixed(of(attention), *(r(2, 4, 10, 8),) * 3,
                                 lambda: torch.rand(10, 10) > 0.2),
        "sweep_casts": fixed(of(casts), r(4, 7), n(0, 9, 4, 7)),
        "sweep_half": fixed(of(low_precision), lambda: torch.randn(6, 8).half(),
                            lambda: torch.randn(6, 8).half()),
        "sweep_bfloat16": fixed(of(low_precision),
                                lambda: torch.randn(6, 8).bfloat16(),
                                lambda: torch.randn(6, 8).bfloat16()),
        "sweep_random": fixed(of(random), r(4, 7)),
        "sweep_dynamic": dynamic(Dynamic, lambda: ids_of(3, 6),
                                 ({0: batch, 1: length},) * 2,
                                 lambda: ids_of(5, 13)),
    }
