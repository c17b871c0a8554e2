// SPDX-License-Identifier: Apache-2.0
#include "ops/grid_sampler.h"

#include <string.h>

#include "ops/op.h"

static pt2_status_t check_sizes(const pt2_tensor_t* input,
                                const pt2_tensor_t* grid, int spatial) {
  char text[256], other[256];
  pt2__sizes_format(input->rank, input->sizes, text, sizeof(text));
  pt2__sizes_format(grid->rank, grid->sizes, other, sizeof(other));
  PT2_OP_CHECK(input->rank == spatial + 2 && grid->rank == input->rank,
               "grid_sampler(): expected %dD input and grid with same number "
               "of dimensions, but got input with sizes %s and grid with sizes "
               "%s",
               spatial + 2, text, other);
  PT2_OP_CHECK(input->sizes[0] == grid->sizes[0],
               "grid_sampler(): expected grid and input to have same batch "
               "size, but got input with sizes %s and grid with sizes %s",
               text, other);
  PT2_OP_CHECK(grid->sizes[spatial + 1] == spatial,
               "grid_sampler(): expected grid to have size %d in last "
               "dimension, but got grid with sizes %s",
               spatial, other);
  for (int d = 2; d < input->rank; ++d) {
    PT2_OP_CHECK(input->sizes[d] > 0,
                 "grid_sampler(): expected input to have non-empty spatial "
                 "dimensions, but input has sizes %s with dimension %d being "
                 "empty",
                 text, d);
    PT2_OP_CHECK(input->sizes[d] < INT32_MAX,
                 "grid_sampler(): input with sizes %s is too large in "
                 "dimension %d",
                 text, d);
  }
  return PT2_STATUS_OK;
}

static pt2_status_t check_dtypes(const pt2_tensor_t* input,
                                 const pt2_tensor_t* grid, const char* name) {
  if (input->dtype != PT2_DTYPE_F32 && input->dtype != PT2_DTYPE_F64 &&
      input->dtype != PT2_DTYPE_F16 && input->dtype != PT2_DTYPE_BF16) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "\"%s\" not implemented for '%s'",
                    name, pt2__dtype_torch_name(input->dtype));
  }
  PT2_OP_CHECK(grid->dtype == input->dtype,
               "expected scalar type %s for grid but found %s",
               pt2__dtype_torch_name(input->dtype),
               pt2__dtype_torch_name(grid->dtype));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__grid_resolve(const pt2_tensor_t* input,
                               const pt2_tensor_t* grid, int spatial,
                               int64_t mode, int64_t padding,
                               bool align_corners, const char* name,
                               pt2__grid_t* out_grid) {
  PT2_OP_CHECK_TENSOR(input, "input");
  PT2_OP_CHECK_TENSOR(grid, "grid");
  PT2_TRY(check_sizes(input, grid, spatial));
  PT2_OP_CHECK(mode >= PT2__GRID_LINEAR && mode <= PT2__GRID_CUBIC,
               "grid_sampler(): interpolation_mode %lld is none of 0, 1, 2",
               (long long)mode);
  PT2_OP_CHECK(padding >= PT2__GRID_ZEROS && padding <= PT2__GRID_REFLECTION,
               "grid_sampler(): padding_mode %lld is none of 0, 1, 2",
               (long long)padding);
  PT2_TRY(check_dtypes(input, grid, name));
  pt2__grid_t made = {.spatial = spatial,
                      .mode = (pt2__grid_mode_t)mode,
                      .padding = (pt2__grid_padding_t)padding,
                      .align_corners = align_corners,
                      .batch = input->sizes[0],
                      .channels = input->sizes[1],
                      .out_sizes = {input->sizes[0], input->sizes[1]}};
  for (int i = 0; i < 3; ++i) {
    int d = i - (3 - spatial);
    made.input[i] = d < 0 ? 1 : input->sizes[2 + d];
    made.output[i] = d < 0 ? 1 : grid->sizes[1 + d];
    if (d >= 0) {
      made.out_sizes[2 + d] = made.output[i];
    }
  }
  PT2_OP_CHECK(pt2__sizes_numel(3, made.input, &made.in_plane) &&
                   made.in_plane <= INT32_MAX &&
                   pt2__sizes_numel(3, made.output, &made.out_plane),
               "grid_sampler(): input or grid is too large");
  *out_grid = made;
  return PT2_STATUS_OK;
}

pt2_status_t pt2__grid_check_gradient(const pt2__grid_t* grid,
                                      const pt2_tensor_t* input,
                                      const pt2_tensor_t* grad_output) {
  PT2_OP_CHECK_TENSOR(grad_output, "grad_output");
  int rank = grid->spatial + 2;
  char text[256], wanted[256];
  PT2_OP_CHECK(
      grad_output->rank == rank && memcmp(grad_output->sizes, grid->out_sizes,
                                          sizeof(int64_t) * (size_t)rank) == 0,
      "grid_sampler(): expected grad_output to have sizes %s but got "
      "grad_output with sizes %s",
      pt2__sizes_format(rank, grid->out_sizes, wanted, sizeof(wanted)),
      pt2__sizes_format(grad_output->rank, grad_output->sizes, text,
                        sizeof(text)));
  PT2_OP_CHECK(grad_output->dtype == input->dtype,
               "expected scalar type %s for grad_output but found %s",
               pt2__dtype_torch_name(input->dtype),
               pt2__dtype_torch_name(grad_output->dtype));
  return PT2_STATUS_OK;
}
