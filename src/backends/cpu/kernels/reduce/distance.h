// SPDX-License-Identifier: Apache-2.0
//
// Distances between rows and their gradients on the CPU, f32 and f64.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_DISTANCE_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_DISTANCE_H_

#include <stdbool.h>
#include <stdint.h>

#include "ops/distance.h"

// out = the distances of |cdist|; all tensors row-major, x1 and x2 expanded
// over the batch. Threads: any.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__distance_rows(const pt2__cdist_t* cdist,
                                             const pt2_tensor_t* x1,
                                             const pt2_tensor_t* x2,
                                             pt2_tensor_t* out);
// The same by a matrix product, for floating point of 16 to 64 bits.
PT2_MUST_USE pt2_status_t pt2__distance_product(const pt2__cdist_t* cdist,
                                                const pt2_tensor_t* x1,
                                                const pt2_tensor_t* x2,
                                                pt2_tensor_t* out);
// The distances between all pairs of rows of |self|.
PT2_MUST_USE pt2_status_t pt2__distance_pairs(const pt2_tensor_t* self,
                                              double p, pt2_tensor_t* out);
// Gradients of the two; |grad| of the second may have any stride.
PT2_MUST_USE pt2_status_t pt2__distance_rows_backward(
    const pt2__cdist_t* cdist, const pt2_tensor_t* grad, const pt2_tensor_t* x1,
    const pt2_tensor_t* x2, const pt2_tensor_t* dist, pt2_tensor_t* out);
PT2_MUST_USE pt2_status_t pt2__distance_pairs_backward(const pt2_tensor_t* grad,
                                                       const pt2_tensor_t* self,
                                                       double p,
                                                       const pt2_tensor_t* dist,
                                                       pt2_tensor_t* out);

// ---- Kernels of an instruction set ------------------------------------------

typedef enum {
  PT2__DISTANCE_ZERO,  // elements that differ
  PT2__DISTANCE_ONE,
  PT2__DISTANCE_TWO,
  PT2__DISTANCE_MAX,      // a NaN does not count, as in torch's cdist
  PT2__DISTANCE_MAX_NAN,  // a NaN wins, as in its pdist
  PT2__DISTANCE_POWER,
  PT2__DISTANCE_LOW_POWER  // gradients for p < 2
} pt2__distance_norm_t;

// Rows that are compared with one at a time.
#define PT2__DISTANCE_PANEL 32
// Rows for the gradients have a multiple of so many elements.
#define PT2__DISTANCE_PADDING 8

// Gradients of the distances of one row from |rows| others, float or double.
// Rows can be read and written up to a multiple of PT2__DISTANCE_PADDING.
typedef struct {
  pt2__distance_norm_t norm;
  double p;
  int64_t count;  // elements of a row
  int64_t rows;
  const void* a;
  const void* b;
  int64_t stride;  // from row to row of |b|, and of |out_b|
  const void* grad;
  int64_t grad_stride;
  const void* dist;
  void* out;    // the gradients are added to this row
  void* out_b;  // and each is subtracted from its row here; NULL: not
} pt2__distance_gradient_t;

// Everything is float or double.
typedef struct {
  // out[PT2__DISTANCE_PANEL] = the distances of a[width] from the rows of
  // panel[width][PT2__DISTANCE_PANEL].
  void (*panel)(pt2__distance_norm_t norm, double p, const void* a,
                const void* panel, int64_t width, void* out);
  // Square roots in place, 0 for negative numbers.
  void (*roots)(void* values, int64_t count);
  void (*backward)(const pt2__distance_gradient_t* gradient);
} pt2__distance_kernels_t;

// The kernels of this CPU for f32 or f64.
const pt2__distance_kernels_t* pt2__distance_kernels(int32_t dtype);

extern const pt2__distance_kernels_t pt2__distance_f32_generic;
extern const pt2__distance_kernels_t pt2__distance_f64_generic;
#if defined(__x86_64__)
extern const pt2__distance_kernels_t pt2__distance_f32_avx2;
extern const pt2__distance_kernels_t pt2__distance_f64_avx2;
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_REDUCE_DISTANCE_H_
