# SPDX-License-Identifier: Apache-2.0
import torch
from harness import FLOATS, LOW_FLOATS, Bad, op

op("aoti_torch_cpu_grid_sampler_3d",
   aten=torch.ops.aten.grid_sampler_3d.default, dtypes=FLOATS + LOW_FLOATS)

LINEAR, NEAREST, CUBIC = 0, 1, 2
ZEROS, BORDER, REFLECTION = 0, 1, 2


def places(make, *sizes, **options):
    """Most of them inside, some far outside."""
    return make(*sizes, 3, low=-1.5, high=1.5, **options)


def samples(make):
    for mode in (LINEAR, NEAREST, CUBIC):
        for padding in (ZEROS, BORDER, REFLECTION):
            for align in (False, True):
                for sizes in ((3, 4, 5), (1, 1, 2)):
                    yield (make(2, 3, *sizes), places(make, 2, 4, 3, 5), mode,
                           padding, align)
    for mode in (LINEAR, NEAREST, CUBIC):
        for x in make.layouts(2, 3, 3, 4, 5):
            yield x, places(make, 2, 2, 3, 4), mode, BORDER, False
        for grid in make.layouts(2, 2, 3, 4, 3, low=-1.0, high=1.0):
            yield make(2, 3, 3, 4, 5), grid, mode, ZEROS, False
        yield make(2, 9, 6, 7, 8), places(make, 2, 7, 8, 9), mode, ZEROS, True
        yield make(0, 3, 3, 4, 5), places(make, 0, 2, 3, 4), mode, ZEROS, True
        yield make(2, 0, 3, 4, 5), places(make, 2, 2, 3, 4), mode, ZEROS, True
        yield make(2, 3, 3, 4, 5), places(make, 2, 0, 3, 4), mode, ZEROS, True
    # All inside: no place has a pixel beyond the border.
    yield (make(2, 3, 6, 7, 8), 0.3 * places(make, 2, 7, 8, 9), LINEAR, ZEROS,
           False)
    odd = places(make, 1, 1, 1, 8)
    for i, value in enumerate(("nan", "inf", "-inf", "1e9", "-1e9")):
        # torch takes a NaN of bfloat16 to an element, others outside.
        if value != "nan" or make.dtype != torch.bfloat16:
            odd[0, 0, 0, i, i % 3] = float(value)
    for mode in (LINEAR, NEAREST):
        for padding in (ZEROS, BORDER):
            yield make(1, 2, 3, 4, 5), odd, mode, padding, False
    odd[0, 0, 0, 1:, :] = 0.1
    for mode in (LINEAR, NEAREST):
        yield make(1, 2, 3, 4, 5), odd, mode, REFLECTION, False
    x = make(1, 2, 3, 4, 5)
    x[0, 0, 1, 2, 3] = float("nan")
    x[0, 1, 2, 2, 3] = float("inf")
    yield x, places(make, 1, 4, 4, 4), LINEAR, ZEROS, False


def bad(make):
    x, grid = make(2, 3, 3, 4, 5), places(make, 2, 2, 3, 4)
    rest = (LINEAR, ZEROS, False)
    yield Bad((x[0], grid, *rest), "expected 5D input and grid with same "
              "number of dimensions")
    yield Bad((x, grid[0], *rest), "expected 5D input and grid with same "
              "number of dimensions")
    yield Bad((x, torch.tensor(1.0), *rest), "expected 5D input and grid")
    yield Bad((x[:1], grid, *rest), "to have same batch size, but got input "
              "with sizes [1, 3, 3, 4, 5] and grid with sizes [2, 2, 3, 4, 3]")
    yield Bad((x, grid[..., :2], *rest), "expected grid to have size 3 in last "
              "dimension")
    yield Bad((x[:, :, :, :0], grid, *rest), "with dimension 3 being empty")
    yield Bad((x, grid.double(), *rest), "expected scalar type Float for grid "
              "but found Double")
    yield Bad((x.int(), grid.int(), *rest), "not implemented for 'Int'")
    # torch leaves the result unset.
    yield Bad((x, grid, 3, ZEROS, False), "interpolation_mode 3", False)
    yield Bad((x, grid, -1, ZEROS, False), "interpolation_mode -1", False)
    # torch takes an unknown padding for zeros.
    yield Bad((x, grid, LINEAR, 3, False), "padding_mode 3", False)
    yield Bad((None, grid, *rest), "input is a NULL handle")
    yield Bad((x, None, *rest), "grid is a NULL handle")
