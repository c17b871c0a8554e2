# SPDX-License-Identifier: Apache-2.0
import torch
from harness import LOW_FLOATS, Bad, op

ATEN = torch.ops.aten
DTYPES = (torch.float32, torch.float64) + LOW_FLOATS

op("aoti_torch_cpu__fused_moving_avg_obs_fq_helper",
   aten=ATEN._fused_moving_avg_obs_fq_helper.default, dtypes=DTYPES)
op("aoti_torch_cpu__fused_moving_avg_obs_fq_helper_functional",
   aten=ATEN._fused_moving_avg_obs_fq_helper_functional.default, dtypes=DTYPES)

INF = float("inf")


def call(x, observe=1, quantize=1, least=(INF,), most=(-INF,), averaging=0.01,
         low=0, high=255, axis=-1, per_row=False, symmetric=False,
         zero_point=torch.int32, scale=torch.float32):
    count = len(least)
    return (x, torch.tensor([observe]), torch.tensor([quantize]),
            torch.tensor(least), torch.tensor(most),
            torch.ones(count, dtype=scale),
            torch.zeros(count, dtype=zero_point), averaging, low, high, axis,
            per_row, symmetric)


def samples(make):
    wide = dict(least=(-0.5,), most=(0.75,))
    for x in make.layouts(3, 4, 5):
        yield call(x, 0, 1, **wide)
        yield call(x, 0, 0)
    rows = dict(least=(-1.0, -0.5, 0.25), most=(1.0, 0.75, 0.5), axis=0,
                per_row=True)
    for x in make.layouts(3, 7):
        yield call(x, 0, 1, **rows)
        yield call(x, 0, 1, low=-128, high=127, symmetric=True, **rows)
    yield call(make(3, 4, 5), 0, 1, **rows)
    yield call(make(3, 4, 5, layout="permuted"), 0, 1, **rows)
    yield call(make(0, 4), 0, 1, **wide)
    for special in (float("nan"), INF, -INF, 1e30, -1e30):
        x = make(9)
        x[3] = special
        yield call(x, 0, 1, **wide)
    if make.dtype != torch.float32:  # others cannot be observed
        return
    for x in make.layouts(3, 4, 5):
        yield call(x)
        yield call(x, 1, 0)
    for symmetric in (False, True):
        for low, high in [(0, 255), (-128, 127), (0, 15), (-8, 7), (3, 3)]:
            yield call(make(40), low=low, high=high, symmetric=symmetric)
            yield call(make(40), low=low, high=high, symmetric=symmetric,
                       averaging=0.3, **wide)
            yield call(make(40, low=0.5, high=3.0), low=low, high=high,
                       symmetric=symmetric)
            yield call(make(40, low=-3.0, high=-0.5), low=low, high=high,
                       symmetric=symmetric)
            if low < high:
                yield call(make(3, 7), low=low, high=high, symmetric=symmetric,
                           averaging=0.2, **rows)
    yield call(make(3, 7), least=(INF,) * 3, most=(-INF,) * 3, axis=0,
               per_row=True)
    yield call(make(3, 7, layout="transposed"), **rows)
    for tiny in (0.0, 1e-6, 1e-20, 1e-39, -1e-6):
        yield call(torch.full((5,), tiny))
        yield call(torch.tensor([-1e-6, tiny]))
    yield call(torch.tensor([1.0, float("nan"), 2.0]), 1, 0)
    yield call(torch.tensor(2.5))
    yield call(make(300, 301))
    for zero_point in (torch.int64, torch.float32):
        yield call(make(9), zero_point=zero_point)
    yield call(make(9), scale=torch.float64)
    yield call(make(9), observe=True, quantize=1.0)


def bad(make):
    x = make(3, 4)
    yield call(make(3, 4, dtype=torch.float64)), (
        "expected scalar type Float but found Double")
    yield call(make(0, 4)), "cannot compute aminmax over an empty dimension"
    rows = dict(least=(INF,) * 3, most=(-INF,) * 3, per_row=True)
    yield call(x, axis=1, **rows), "only supported on axis == 0"
    yield call(make(3), axis=0, **rows), "Dimension out of range"
    yield call(x, low=7, high=5), "`quant_min` should be less than or equal"
    yield call(make(3, 4, dtype=torch.int32), 0, 1), "not implemented for 'Int'"
    args = call(x)
    yield (x, torch.ones(2), *args[2:]), "a Tensor with 2 elements cannot be"
    yield (*args[:2], torch.ones(2), *args[3:]), "a Tensor with 2 elements"
    yield (*args[:3], args[3].double(), *args[4:]), (
        "running_min: expected scalar type Float but found Double")
    # torch takes the first one.
    yield Bad((*args[:3], torch.zeros(2), *args[4:]), "running_min has 2",
              torch_refuses=False)
    yield (*args[:5], torch.ones(2), *args[6:]), "scale should be a 1-D tensor"
    yield (*args[:5], torch.tensor(1.0), *args[6:]), "scale should be a 1-D"
    yield (*args[:6], torch.zeros(0), *args[7:]), "zero_point should be a 1-D"
    args = call(x, axis=0, zero_point=torch.int64, **rows)
    yield args, "Zero-point must be Int32, Float or Half, found Long"
    # torch writes beyond the end.
    yield Bad(call(make(3, 4, 5), axis=0, **rows), "there are 15 ranges",
              torch_refuses=False)
    # torch dereferences the handles.
    for i in range(7):
        args = list(call(x))
        args[i] = None
        yield Bad(args, "NULL", torch_refuses=False)
