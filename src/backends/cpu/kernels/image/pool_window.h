// SPDX-License-Identifier: Apache-2.0
//
// Where the windows of a pooling lie, for the loops of each instruction set.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_POOL_WINDOW_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_POOL_WINDOW_H_

#include <stdbool.h>
#include <stdint.h>

#include "backends/cpu/kernels/elementwise/round_narrow.h"
#include "backends/cpu/kernels/image/pool.h"

// Sums of two values in their own 16-bit dtype.
static inline uint16_t add_f16(uint16_t a, uint16_t b) {
#if defined(__F16C__)
  return _cvtss_sh(_cvtsh_ss(a) + _cvtsh_ss(b), _MM_FROUND_TO_NEAREST_INT);
#else
  return pt2__f32_to_f16(pt2__f16_to_f32(a) + pt2__f16_to_f32(b));
#endif
}

static inline uint16_t add_bf16(uint16_t a, uint16_t b) {
  float sum = pt2__bf16_to_f32(a) + pt2__bf16_to_f32(b);
  return (uint16_t)((uint32_t)bits_of(round_bf16(sum)) >> 16);
}

static inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// Columns of the result whose window's column |at| lies in the input.
static inline void inside(const pt2__pool_t* pool, int64_t at,
                          int64_t* out_from, int64_t* out_to) {
  int64_t stride = pool->stride[2];
  int64_t shift = pool->padding[2] - at * pool->dilation[2];
  int64_t end = pool->input[2] + shift;  // column * stride < end
  *out_from = shift <= 0 ? 0 : (shift + stride - 1) / stride;
  *out_to = end <= 0 ? 0 : least((end - 1) / stride + 1, pool->output[2]);
}

// The share of the input that belongs to place |at| of dimension |d|.
static inline void share(const pt2__pool_t* pool, int d, int64_t at,
                         int64_t* out_from, int64_t* out_to) {
  int64_t in = pool->input[d], out = pool->output[d];
  *out_from = at / out * in + at % out * in / out;
  *out_to = 1 + ((at + 1) * in - 1) / out;
}

// The places of a window that lie in the input: every |dilation|-th of
// [from, to).
static inline void window(const pt2__pool_t* pool, int d, int64_t at,
                          int64_t* out_from, int64_t* out_to) {
  if (pool->adaptive) {
    share(pool, d, at, out_from, out_to);
    return;
  }
  int64_t start = at * pool->stride[d] - pool->padding[d];
  int64_t dilation = pool->dilation[d];
  *out_from = start >= 0
                  ? start
                  : start + (-start + dilation - 1) / dilation * dilation;
  *out_to = least(start + (pool->kernel[d] - 1) * dilation + 1, pool->input[d]);
}

// The places that an average is over, and how many count with padding.
static inline void span(const pt2__pool_t* pool, int d, int64_t at,
                        int64_t* out_from, int64_t* out_to, int64_t* out_all) {
  if (pool->adaptive) {
    share(pool, d, at, out_from, out_to);
    *out_all = *out_to - *out_from;
    return;
  }
  int64_t from = at * pool->stride[d] - pool->padding[d];
  int64_t to = least(from + pool->kernel[d], pool->input[d] + pool->padding[d]);
  *out_all = to - from;
  *out_from = from < 0 ? 0 : from;
  *out_to = least(to, pool->input[d]);
}

static inline int64_t divisor_of(const pt2__pool_average_t* average,
                                 int64_t inside_count, int64_t all_count) {
  return average->divisor != 0        ? average->divisor
         : average->count_include_pad ? all_count
                                      : inside_count;
}

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_IMAGE_POOL_WINDOW_H_
