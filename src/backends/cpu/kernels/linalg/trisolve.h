// SPDX-License-Identifier: Apache-2.0
//
// Triangular systems of equations, f32, f64, complex64 and complex128.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_TRISOLVE_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_TRISOLVE_H_

#include <stdbool.h>
#include <stdint.h>

#include "backends/cpu/kernels/linalg/matrix.h"
#include "base/status.h"

typedef struct {
  int32_t dtype;
  int64_t n, columns;  // of the right sides
  bool upper;
  bool unit;  // the diagonal is taken as ones
  // The right sides are a lower triangle (|upper| false), as those of an
  // inverse are: what lies above stays 0.
  bool lower_sides;
} pt2__trisolve_t;

// Solves A x = b in place of |b|; of |a| only the triangle is read. Division by
// a zero on the diagonal gives what it gives.
//
// Errors: OUT_OF_MEMORY
PT2_MUST_USE pt2_status_t pt2__trisolve(const pt2__trisolve_t* solve,
                                        pt2__matrix_t a, pt2__matrix_t b);

// Conjugates |count| complex numbers; nothing for real ones.
void pt2__conjugate(int32_t dtype, void* data, int64_t count);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_LINALG_TRISOLVE_H_
