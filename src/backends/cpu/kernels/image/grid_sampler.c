// SPDX-License-Identifier: Apache-2.0
//
// Brings tensors into the form that the kernels take and spreads pieces of the
// grid over threads.
#include "backends/cpu/kernels/image/grid_sampler.h"

#include <omp.h>
#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/index/lay_out.h"
#include "ops/op.h"

static const pt2__grid_kernels_t* select_kernels(int32_t dtype) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return dtype == PT2_DTYPE_F16    ? &pt2__grid_kernels_f16_avx2
           : dtype == PT2_DTYPE_BF16 ? &pt2__grid_kernels_bf16_avx2
           : dtype == PT2_DTYPE_F64  ? &pt2__grid_kernels_f64_avx2
                                     : &pt2__grid_kernels_f32_avx2;
  }
#endif
  return dtype == PT2_DTYPE_F16    ? &pt2__grid_kernels_f16
         : dtype == PT2_DTYPE_BF16 ? &pt2__grid_kernels_bf16
         : dtype == PT2_DTYPE_F64  ? &pt2__grid_kernels_f64
                                   : &pt2__grid_kernels_f32;
}

static int32_t compute_dtype(int32_t dtype) {
  return dtype == PT2_DTYPE_F64 ? PT2_DTYPE_F64 : PT2_DTYPE_F32;
}

static int64_t tap_count(const pt2__grid_t* grid) {
  int64_t along = grid->mode == PT2__GRID_CUBIC     ? 4
                  : grid->mode == PT2__GRID_NEAREST ? 1
                                                    : 2;
  return grid->spatial == 3 ? along * along * along : along * along;
}

// All places of image |batch| for some channels, piece by piece.
static void run_image(pt2__grid_fn run_piece, const pt2__grid_run_t* run,
                      pt2__grid_piece_t piece) {
  int64_t end = run->grid->out_plane;
  for (piece.first = 0; piece.first < end; piece.first += PT2__GRID_BLOCK) {
    int64_t left = end - piece.first;
    piece.count = left < PT2__GRID_BLOCK ? left : PT2__GRID_BLOCK;
    run_piece(run, &piece);
  }
}

// All channels of all places, each piece on its own. Pieces of a gradient go
// to the grid only.
static void run_places(pt2__grid_fn run_piece, const pt2__grid_run_t* run,
                       int threads) {
  const pt2__grid_t* grid = run->grid;
  int64_t blocks = (grid->out_plane + PT2__GRID_BLOCK - 1) / PT2__GRID_BLOCK;
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t i = 0; i < grid->batch * blocks; ++i) {
    int64_t first = i % blocks * PT2__GRID_BLOCK;
    int64_t left = grid->out_plane - first;
    const pt2__grid_piece_t piece = {
        .batch = i / blocks,
        .first = first,
        .count = left < PT2__GRID_BLOCK ? left : PT2__GRID_BLOCK,
        .channel_end = grid->channels,
        .to_grid = true};
    run_piece(run, &piece);
  }
}

// The gradient. An element of the input's gradient is added to in the order of
// the places, one of the grid's in the order of the channels, so that the work
// may be shared by images, or by channels and by places.
static void run_backward(pt2__grid_fn run_piece, const pt2__grid_run_t* run,
                         int threads) {
  const pt2__grid_t* grid = run->grid;
  if (run->grad_input == NULL && grid->mode == PT2__GRID_NEAREST) {
    return;  // nothing depends on the grid
  }
  if (run->grad_input == NULL) {
    run_places(run_piece, run, threads);
    return;
  }
  if (threads == 1 || grid->batch >= threads) {
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
    for (int64_t n = 0; n < grid->batch; ++n) {
      const pt2__grid_piece_t all = {.batch = n,
                                     .channel_end = grid->channels,
                                     .to_input = true,
                                     .to_grid = true};
      run_image(run_piece, run, all);
    }
    return;
  }
  int64_t parts = grid->channels < threads ? grid->channels : threads;
#pragma omp parallel for schedule(static) num_threads(threads)
  for (int64_t i = 0; i < grid->batch * parts; ++i) {
    int64_t part = i % parts;
    const pt2__grid_piece_t some = {
        .batch = i / parts,
        .channel = part * grid->channels / parts,
        .channel_end = (part + 1) * grid->channels / parts,
        .to_input = true};
    run_image(run_piece, run, some);
  }
  if (grid->mode != PT2__GRID_NEAREST) {
    run_places(run_piece, run, threads);
  }
}

// ---- Forward ---------------------------------------------------------------

static pt2_status_t sample_into(const pt2__grid_t* grid,
                                const pt2_tensor_t* input,
                                const pt2_tensor_t* places,
                                pt2_tensor_t* result) {
  int32_t dtype = compute_dtype(input->dtype);
  pt2_tensor_t *from = NULL, *at = NULL, *to = NULL;
  pt2_status_t status = pt2__lay_out(input, dtype, false, &from);
  if (status == PT2_STATUS_OK) {
    status = pt2__lay_out(places, dtype, false, &at);
  }
  if (status == PT2_STATUS_OK) {
    status =
        dtype == result->dtype
            ? pt2__tensor_alias(result, &to)
            : pt2__tensor_empty(dtype, result->rank, result->sizes, NULL, &to);
  }
  if (status == PT2_STATUS_OK) {
    const pt2__grid_run_t run = {.grid = grid,
                                 .input = from->data,
                                 .places = at->data,
                                 .output = to->data};
    run_places(select_kernels(input->dtype)->forward, &run,
               pt2__op_threads(result->numel * tap_count(grid)));
    if (dtype != result->dtype) {
      status = pt2__tensor_copy(result, to);
    }
  }
  pt2__tensor_release(from);
  pt2__tensor_release(at);
  pt2__tensor_release(to);
  return status;
}

pt2_status_t pt2__grid_sample(const pt2_tensor_t* input,
                              const pt2_tensor_t* grid, int spatial,
                              int64_t mode, int64_t padding, bool align_corners,
                              const char* name, pt2_tensor_t** out_result) {
  pt2__grid_t made;
  PT2_TRY(pt2__grid_resolve(input, grid, spatial, mode, padding, align_corners,
                            name, &made));
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(input->dtype, spatial + 2, made.out_sizes, NULL,
                            &result));
  pt2_status_t status = result->numel > 0
                            ? sample_into(&made, input, grid, result)
                            : PT2_STATUS_OK;
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

// ---- Gradient --------------------------------------------------------------

static void set_zero(pt2_tensor_t* tensor) {
  if (tensor->numel > 0) {
    memset(tensor->data, 0,
           pt2_dtype_size_bytes(tensor->dtype) * (size_t)tensor->numel);
  }
}

// A row-major tensor of |dtype| that becomes |result|: itself, or another one.
static pt2_status_t stand_in(pt2_tensor_t* result, int32_t dtype,
                             pt2_tensor_t** out_tensor) {
  PT2_TRY(result->dtype == dtype
              ? pt2__tensor_alias(result, out_tensor)
              : pt2__tensor_empty(dtype, result->rank, result->sizes, NULL,
                                  out_tensor));
  set_zero(*out_tensor);
  return PT2_STATUS_OK;
}

// Tensors in the dtype that is computed with; |to_input| may stay NULL.
typedef struct {
  pt2_tensor_t *gradient, *input, *places, *to_input, *to_grid;
} tensors_t;

static pt2_status_t lay_out_all(const pt2_tensor_t* grad_output,
                                const pt2_tensor_t* input,
                                const pt2_tensor_t* places,
                                pt2_tensor_t* grad_input,
                                pt2_tensor_t* grad_grid, tensors_t* tensors) {
  int32_t dtype = compute_dtype(input->dtype);
  PT2_TRY(pt2__lay_out(grad_output, dtype, false, &tensors->gradient));
  PT2_TRY(pt2__lay_out(input, dtype, false, &tensors->input));
  PT2_TRY(pt2__lay_out(places, dtype, false, &tensors->places));
  if (grad_input != NULL) {
    PT2_TRY(stand_in(grad_input, dtype, &tensors->to_input));
  }
  return stand_in(grad_grid, dtype, &tensors->to_grid);
}

static pt2_status_t backward_into(const pt2__grid_t* grid,
                                  const pt2_tensor_t* grad_output,
                                  const pt2_tensor_t* input,
                                  const pt2_tensor_t* places,
                                  pt2_tensor_t* grad_input,
                                  pt2_tensor_t* grad_grid) {
  tensors_t tensors = {0};
  pt2_status_t status =
      lay_out_all(grad_output, input, places, grad_input, grad_grid, &tensors);
  if (status == PT2_STATUS_OK && grad_output->numel > 0) {
    const pt2__grid_run_t run = {
        .grid = grid,
        .input = tensors.input->data,
        .places = tensors.places->data,
        .grad_output = tensors.gradient->data,
        .grad_input = grad_input == NULL ? NULL : tensors.to_input->data,
        .grad_grid = tensors.to_grid->data};
    run_backward(select_kernels(input->dtype)->backward, &run,
                 pt2__op_threads(grad_output->numel * tap_count(grid)));
  }
  if (status == PT2_STATUS_OK && grad_grid->dtype != tensors.to_grid->dtype) {
    status = pt2__tensor_copy(grad_grid, tensors.to_grid);
    if (status == PT2_STATUS_OK && grad_input != NULL) {
      status = pt2__tensor_copy(grad_input, tensors.to_input);
    }
  }
  pt2__tensor_release(tensors.gradient);
  pt2__tensor_release(tensors.input);
  pt2__tensor_release(tensors.places);
  pt2__tensor_release(tensors.to_input);
  pt2__tensor_release(tensors.to_grid);
  return status;
}

static void give(pt2_tensor_t* result, pt2_tensor_t** out_result) {
  if (out_result != NULL) {
    *out_result = result;
  } else {
    pt2__tensor_release(result);
  }
}

pt2_status_t pt2__grid_sample_backward(const pt2_tensor_t* grad_output,
                                       const pt2_tensor_t* input,
                                       const pt2_tensor_t* grid,
                                       const pt2__grid_backward_args_t* args,
                                       pt2_tensor_t** out_grad_input,
                                       pt2_tensor_t** out_grad_grid) {
  PT2_OP_CHECK(args->mask_count == 2 && args->output_mask != NULL,
               "output_mask must have 2 values, got %lld",
               (long long)args->mask_count);
  pt2__grid_t made;
  PT2_TRY(pt2__grid_resolve(input, grid, args->spatial, args->mode,
                            args->padding, args->align_corners, args->name,
                            &made));
  PT2_TRY(pt2__grid_check_gradient(&made, input, grad_output));
  // A model passes NULL for what it does not use.
  bool wanted = args->output_mask[0] != 0 && out_grad_input != NULL;
  pt2_tensor_t* grad_input = NULL;
  pt2_tensor_t* grad_grid = NULL;
  pt2_status_t status = wanted
                            ? pt2__tensor_empty(input->dtype, input->rank,
                                                input->sizes, NULL, &grad_input)
                            : pt2__tensor_undefined(&grad_input);
  if (status == PT2_STATUS_OK) {
    status = pt2__tensor_empty(grid->dtype, grid->rank, grid->sizes, NULL,
                               &grad_grid);
  }
  if (status == PT2_STATUS_OK) {
    status = backward_into(&made, grad_output, input, grid,
                           wanted ? grad_input : NULL, grad_grid);
  }
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(grad_input);
    pt2__tensor_release(grad_grid);
    return status;
  }
  give(grad_input, out_grad_input);
  give(grad_grid, out_grad_grid);
  return PT2_STATUS_OK;
}
