# SPDX-License-Identifier: Apache-2.0
import torch
from harness import op

op("aten::_amp_update_scale", aten=torch.ops.aten._amp_update_scale.default,
   dtypes=(torch.float32,), exact=True)


def tracker(steps):
    return torch.tensor(steps, dtype=torch.int32)


def samples(make):
    for steps in (0, 1, 5, 2**31 - 1):
        for found in (0.0, 1.0, float("inf"), float("nan"), -0.0):
            for interval in (0, 1, 2, 6):
                yield (make().abs(), tracker(steps), torch.tensor(found), 2.0,
                       0.3, interval)
    for scale in (3e38, float("inf"), 0.0):
        yield torch.tensor(scale), tracker(1), torch.tensor(0.0), 2.0, 0.5, 2
    yield make(1), tracker([1]), torch.tensor([[0.0]]), 1.1, 0.7, 2
    yield make(1, 3)[:, 1:2], tracker([[3, 1]])[:, 1], torch.tensor(0.0), 2.0, 0.5, 2


def bad(make):
    one, none = tracker(1), torch.tensor(0.0)
    yield (make(2), one, none, 2.0, 0.5, 2), "current_scale must be a 1-element"
    yield (make(1), tracker([1, 2]), none, 2.0, 0.5, 2), "growth_tracker must be"
    yield (make(1), one, make(2), 2.0, 0.5, 2), "found_inf must be a 1-element"
    yield (make(1).double(), one, none, 2.0, 0.5, 2), "must be a float tensor"
    yield (make(1), one.long(), none, 2.0, 0.5, 2), "must be an int tensor"
    yield (make(1), one, none.double(), 2.0, 0.5, 2), "must be a float tensor"
    yield (None, one, none, 2.0, 0.5, 2), "self: expected a tensor, got None"
