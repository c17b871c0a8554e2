// SPDX-License-Identifier: Apache-2.0
//
// Backward operators of poolings on the CPU: what the input's gradient is, a
// set of loops for each instruction set, and the calls that spread them over
// threads.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_POOL_BACKWARD_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_POOL_BACKWARD_H_

#include "backends/cpu/kernels/image/pool.h"

// A part of the work: what one channel of an image has (first), or some
// channels of an image, which lie side by side (last). All memory is packed.
typedef struct {
  const pt2__pool_t* pool;
  const pt2__pool_average_t* average;
  const void* gradient;
  const int64_t* indices;
  void* result;   // zeros at first
  int64_t count;  // channels (last), planes one after the other (first)
  // Windows have one width and start a stride apart, enough of them to be
  // looked at side by side (first, averages).
  bool columns;
} pt2__pool_part_t;

// False if an index lies outside of the input.
typedef bool (*pt2__pool_part_fn)(const pt2__pool_part_t* part);

typedef struct {
  pt2__pool_part_fn first;
  pt2__pool_part_fn last;
} pt2__pool_parts_t;

// Sums of 16-bit floats are rounded after each addition, as PyTorch does.
// Averages have them as floats.
typedef struct {
  pt2__pool_parts_t max_f32, max_f64, max_f16, max_bf16;
  pt2__pool_parts_t average_f32, average_f64, average_i64, average_f16,
      average_bf16;
} pt2__pool_backward_kernels_t;

extern const pt2__pool_backward_kernels_t pt2__pool_backward_kernels_generic;
#if defined(__x86_64__)
extern const pt2__pool_backward_kernels_t pt2__pool_backward_kernels_avx2;
#endif

// The gradient of a pooling's input as a new tensor of |input|'s sizes.
// |indices| for maxima, |average| for averages, the other NULL.
//
// Errors: INVALID_ARGUMENT (an index outside of the input), UNSUPPORTED
// (dtype), OUT_OF_MEMORY.
PT2_MUST_USE pt2_status_t pt2__pool_backward(const pt2__pool_t* pool,
                                             const pt2_tensor_t* gradient,
                                             const pt2_tensor_t* input,
                                             const pt2_tensor_t* indices,
                                             const pt2__pool_average_t* average,
                                             pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_POOL_BACKWARD_H_
