# SPDX-License-Identifier: Apache-2.0
import torch
from harness import Bad, Made, op

ATEN = torch.ops.aten
op("aoti_torch_cpu__wrapped_quantized_linear_prepacked",
   aten=ATEN._wrapped_quantized_linear_prepacked.default,
   dtypes=(torch.float32,))


def packed(make, n, k, zero_point=3, scale=0.02, bias=True):
    # Such that the 16-bit sums of CPUs without VNNI do not saturate: of 255
    # times the weight, two.
    weight = make(n, k, low=-1.0, high=1.0)
    return Made("aoti_torch_cpu__wrapped_linear_prepack",
                (weight, torch.tensor(scale), torch.tensor(zero_point),
                 make(n)), ATEN._wrapped_linear_prepack)


def call(x, weight, n, scale=0.03, zero_point=110, out_scale=0.1,
         out_zero_point=120):
    return (x, torch.tensor(scale), torch.tensor(zero_point), weight,
            torch.tensor(out_scale), torch.tensor(out_zero_point), n)


def samples(make):
    for m, n, k in [(1, 1, 1), (3, 7, 20), (5, 33, 65), (20, 70, 130),
                    (9, 128, 40)]:
        for zero_point in (-8, 0, 5):
            yield call(make(m, k), packed(make, n, k, zero_point), n)
    for zero_point in (0, 10, 255):
        yield call(make(3, 20), packed(make, 7, 20), 7, zero_point=zero_point)
        yield call(make(3, 20), packed(make, 7, 20), 7,
                   out_zero_point=zero_point)
    for x in make.layouts(2, 3, 20):
        yield call(x, packed(make, 7, 20), 7)
    for x in make.layouts(2, 3, 4, 20):
        yield call(x, packed(make, 7, 20), 7)
    yield call(make(0, 20), packed(make, 7, 20), 7)
    args = call(make(3, 20), packed(make, 7, 20), 7)
    yield (args[0], args[1].double()[None], args[2].float(), *args[3:])


def bad(make):
    x, p = make(3, 20), packed(make, 7, 20)
    yield call(x.double(), p, 7), "Quantize only works on Float Tensor, got"
    yield call(x[0].clone(), p, 7), "larger than or equal to 2, but is 1"
    yield call(make(3, 19), p, 7), "is 19, the weight was packed for 20"
    yield call(x, p, 7, zero_point=300), "above upper bound"
    yield call(x, p, 7, zero_point=-1), "below lower bound"
    yield call(x, p, 7, out_zero_point=300), "above upper bound"
    args = call(x, p, 7)
    yield (x, make(2), *args[2:]), "cannot be converted to Scalar"
    yield (*args[:4], make(2), *args[5:]), "cannot be converted to Scalar"
    yield call(x, torch.zeros(8, dtype=torch.uint8), 7), "was not packed by"
    # torch dereferences the handles.
    for i in range(6):
        args = list(call(x, p, 7))
        args[i] = None
        yield Bad(args, "NULL", torch_refuses=False)
