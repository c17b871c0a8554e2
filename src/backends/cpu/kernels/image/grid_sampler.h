// SPDX-License-Identifier: Apache-2.0
//
// Sampling at the places of a grid on the CPU, and its gradient: whole
// operators, and the kernels for one piece of the places.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_GRID_SAMPLER_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_GRID_SAMPLER_H_

#include "ops/grid_sampler.h"

// Places of a piece at most: what is known about each of them lies in arrays.
#define PT2__GRID_BLOCK 64

// Row-major tensors in the dtype that is computed with. Of a gradient, what is
// not wanted is NULL.
typedef struct {
  const pt2__grid_t* grid;
  const void* input;
  const void* places;
  void* output;
  const void* grad_output;
  void* grad_input;  // added to
  void* grad_grid;
} pt2__grid_run_t;

typedef struct {
  int64_t batch;
  int64_t first, count;  // places
  int64_t channel, channel_end;
  bool to_input, to_grid;  // of a gradient: which one
} pt2__grid_piece_t;

typedef void (*pt2__grid_fn)(const pt2__grid_run_t* run,
                             const pt2__grid_piece_t* piece);

typedef struct {
  pt2__grid_fn forward, backward;
} pt2__grid_kernels_t;

// f16 and bf16 are floats that are rounded after each step.
extern const pt2__grid_kernels_t pt2__grid_kernels_f32, pt2__grid_kernels_f64,
    pt2__grid_kernels_f16, pt2__grid_kernels_bf16;
#if defined(__x86_64__)
extern const pt2__grid_kernels_t pt2__grid_kernels_f32_avx2,
    pt2__grid_kernels_f64_avx2, pt2__grid_kernels_f16_avx2,
    pt2__grid_kernels_bf16_avx2;
#endif

// |x| as the nearest bf16. Inline, because it follows each step.
static inline float pt2__grid_round_bf16(float x) {
  union {
    float value;
    uint32_t bits;
  } pun = {.value = x};
  pun.bits = (pun.bits + 0x7fff + (pun.bits >> 16 & 1)) & 0xffff0000u;
  return x != x ? x : pun.value;
}

// |x| as the nearest f16, by masks instead of branches, so that loops of it
// become vectors. Below 2^-14 f16 has steps of 2^-24, which are those of floats
// from 0.5 to 1.
static inline float pt2__grid_round_f16(float x) {
  union {
    float value;
    uint32_t bits;
  } pun = {.value = x}, small;
  uint32_t sign = pun.bits & 0x80000000u, size = pun.bits ^ sign;
  pun.bits = size;
  small.value = (pun.value + 0.75f) - 0.75f;
  uint32_t near = (size + 0xfff + (size >> 13 & 1)) & 0xffffe000u;
  // 65520 and more are infinite; a NaN stays one.
  uint32_t huge = -(uint32_t)(size >= 0x477ff000u);
  uint32_t nan = -(uint32_t)(size > 0x7f800000u);
  uint32_t tiny = -(uint32_t)(size < 0x38800000u);
  near = (near & ~huge) | (0x7f800000u & huge);
  near |= nan & 0x00400000u;
  near = (near & ~tiny) | (small.bits & tiny);
  pun.bits = near | sign;
  return pun.value;
}

// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype), OUT_OF_MEMORY.
PT2_MUST_USE pt2_status_t pt2__grid_sample(const pt2_tensor_t* input,
                                           const pt2_tensor_t* grid,
                                           int spatial, int64_t mode,
                                           int64_t padding, bool align_corners,
                                           const char* name,
                                           pt2_tensor_t** out_result);

typedef struct {
  int spatial;
  int64_t mode;
  int64_t padding;
  bool align_corners;
  const int32_t* output_mask;  // the input's gradient, the grid's
  int64_t mask_count;
  const char* name;
} pt2__grid_backward_args_t;

// The grid's gradient is always made; the input's is an undefined tensor if the
// mask does not want it. Either may go to NULL, which takes nothing.
//
// Errors: INVALID_ARGUMENT, UNSUPPORTED (dtype), OUT_OF_MEMORY.
PT2_MUST_USE pt2_status_t pt2__grid_sample_backward(
    const pt2_tensor_t* grad_output, const pt2_tensor_t* input,
    const pt2_tensor_t* grid, const pt2__grid_backward_args_t* args,
    pt2_tensor_t** out_grad_input, pt2_tensor_t** out_grad_grid);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_GRID_SAMPLER_H_
