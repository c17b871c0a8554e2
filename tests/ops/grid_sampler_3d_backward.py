# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_grid_sampler_3d_backward",
   aten=torch.ops.aten.grid_sampler_3d_backward.default,
   dtypes=FLOATS + LOW_FLOATS)

LINEAR, NEAREST, CUBIC = 0, 1, 2
ZEROS, BORDER, REFLECTION = 0, 1, 2
BOTH, GRID = [True, True], [False, True]


def places(make, *sizes, **options):
    """Most of them inside, some far outside."""
    return make(*sizes, 3, low=-1.5, high=1.5, **options)


def samples(make):
    for mode in (LINEAR, NEAREST, CUBIC):
        for padding in (ZEROS, BORDER, REFLECTION):
            for align in (False, True):
                for sizes in ((3, 4, 5), (1, 1, 2)):
                    yield (make(2, 3, 4, 3, 5), make(2, 3, *sizes),
                           places(make, 2, 4, 3, 5), mode, padding, align,
                           BOTH)
    for mode in (LINEAR, NEAREST, CUBIC):
        grid, x = places(make, 2, 2, 3, 4), make(2, 3, 3, 4, 5)
        for grad in make.layouts(2, 3, 2, 3, 4):
            yield grad, x, grid, mode, BORDER, False, BOTH
        grad = make(2, 3, 2, 3, 4)
        for other in make.layouts(2, 3, 3, 4, 5):
            yield grad, other, grid, mode, ZEROS, False, BOTH
        for other in make.layouts(2, 2, 3, 4, 3, low=-1.0, high=1.0):
            yield grad, x, other, mode, ZEROS, False, BOTH
        for mask in (GRID, [True, False], [False, False]):
            yield grad, x, grid, mode, ZEROS, False, mask
        yield grad[:0], x[:0], grid[:0], mode, ZEROS, True, BOTH
        yield grad[:, :0], x[:, :0], grid, mode, ZEROS, True, BOTH
        yield grad[:, :, :0], x, grid[:, :0], mode, ZEROS, True, BOTH
        yield (make(1, 5, 7, 8, 9), make(1, 5, 6, 7, 8),
               places(make, 1, 7, 8, 9), mode, ZEROS, True, BOTH)
    odd = places(make, 1, 1, 1, 8)
    for i, value in enumerate(("nan", "inf", "-inf", "1e9", "-1e9")):
        # torch takes a NaN of bfloat16 to an element, others outside.
        if value != "nan" or make.dtype != torch.bfloat16:
            odd[0, 0, 0, i, i % 3] = float(value)
    for mode in (LINEAR, NEAREST):
        for padding in (ZEROS, BORDER):
            yield (make(1, 2, 1, 1, 8), make(1, 2, 3, 4, 5), odd, mode,
                   padding, False, BOTH)


def bad(make):
    x, grid = make(2, 3, 3, 4, 5), places(make, 2, 2, 3, 4)
    grad = make(2, 3, 2, 3, 4)
    rest = (LINEAR, ZEROS, False, BOTH)
    yield Bad((grad, x[0], grid, *rest), "expected 5D input and grid with same "
              "number of dimensions")
    yield Bad((grad, x, grid[0], *rest), "expected 5D input and grid")
    yield Bad((grad, x[:1], grid, *rest), "to have same batch size")
    yield Bad((grad, x, grid[..., :2], *rest), "expected grid to have size 3")
    yield Bad((grad, x[:, :, :, :0], grid, *rest), "dimension 3 being empty")
    yield Bad((grad[:1], x, grid, *rest), "expected grad_output to have sizes "
              "[2, 3, 2, 3, 4] but got grad_output with sizes [1, 3, 2, 3, 4]")
    yield Bad((grad[:, :2], x, grid, *rest), "expected grad_output to have")
    yield Bad((grad[0], x, grid, *rest), "expected grad_output to have")
    yield Bad((grad, x, grid.double(), *rest), "expected scalar type Float for "
              "grid but found Double")
    yield Bad((grad.double(), x, grid, *rest), "expected scalar type Float for "
              "grad_output but found Double")
    yield Bad((grad.int(), x.int(), grid.int(), *rest),
              "not implemented for 'Int'")
    yield Bad((grad, x, grid, LINEAR, ZEROS, False, [True]),
              "output_mask must have 2 values, got 1")
    # torch leaves the result unset.
    yield Bad((grad, x, grid, 3, ZEROS, False, BOTH), "interpolation_mode 3",
              False)
    # torch takes an unknown padding for zeros.
    yield Bad((grad, x, grid, LINEAR, -1, False, BOTH), "padding_mode -1",
              False)
    yield Bad((None, x, grid, *rest), "grad_output is a NULL handle")
    yield Bad((grad, None, grid, *rest), "input is a NULL handle")
    yield Bad((grad, x, None, *rest), "grid is a NULL handle")
