// SPDX-License-Identifier: Apache-2.0
//
// Blocks of rows: what the solved rows contribute is a matrix product, and the
// block on the diagonal is solved for many right sides side by side.
#include "backends/cpu/kernels/linalg/trisolve.h"

#include "backends/cpu/kernels/linalg/triangles.h"
#include "base/memory.h"
#include "pt2/tensor.h"

#define ROWS PT2__TRIANGLES_ROWS
#define WIDTH PT2__TRIANGLES_WIDTH
#define LONGEST_VECTOR 2048

// Takes from the rows [first, first + rows) what the solved ones contribute.
static pt2_status_t subtract_solved(const pt2__trisolve_t* solve,
                                    const pt2__matrix_t* a,
                                    const pt2__matrix_t* b, int64_t first,
                                    int64_t rows, int64_t columns) {
  int64_t from = solve->upper ? first + rows : 0;
  int64_t count = solve->upper ? solve->n - from : first;
  if (count == 0) {
    return PT2_STATUS_OK;
  }
  return pt2__matrix_product(solve->dtype, rows, columns, count, -1,
                             pt2__matrix_block(solve->dtype, *a, first, from),
                             pt2__matrix_block(solve->dtype, *b, from, 0), 1,
                             pt2__matrix_block(solve->dtype, *b, first, 0));
}

pt2_status_t pt2__trisolve(const pt2__trisolve_t* solve, pt2__matrix_t a,
                           pt2__matrix_t b) {
  const pt2__triangles_t* kernels = pt2__triangles(solve->dtype);
  pt2__triangle_t triangle = {a.data,   a.rs,         a.cs,
                              solve->n, solve->upper, solve->unit};
  // One side is a vector: products gain nothing but threads.
  if (solve->columns == 1 && solve->n <= LONGEST_VECTOR && b.rs == 1 &&
      (a.rs == 1 || a.cs == 1)) {
    kernels->vector(&triangle, b.data);
    return PT2_STATUS_OK;
  }
  const int64_t blocks = (solve->n + ROWS - 1) / ROWS;
  for (int64_t step = 0; step < blocks; ++step) {
    int64_t first = (solve->upper ? blocks - 1 - step : step) * ROWS;
    int64_t rows = solve->n - first < ROWS ? solve->n - first : ROWS;
    int64_t columns = solve->columns;
    if (solve->lower_sides && first + rows < columns) {
      columns = first + rows;
    }
    PT2_TRY(subtract_solved(solve, &a, &b, first, rows, columns));
    triangle.a = pt2__matrix_block(solve->dtype, a, first, first).data;
    triangle.n = rows;
    for (int64_t j = 0; j < columns; j += WIDTH) {
      kernels->block(&triangle,
                     pt2__matrix_block(solve->dtype, b, first, j).data, b.rs,
                     b.cs, columns - j < WIDTH ? columns - j : WIDTH);
    }
  }
  return PT2_STATUS_OK;
}

void pt2__conjugate(int32_t dtype, void* data, int64_t count) {
  if (dtype == PT2_DTYPE_COMPLEX64) {
    float* parts = data;
    for (int64_t i = 0; i < count; ++i) {
      parts[2 * i + 1] = -parts[2 * i + 1];
    }
  } else if (dtype == PT2_DTYPE_COMPLEX128) {
    double* parts = data;
    for (int64_t i = 0; i < count; ++i) {
      parts[2 * i + 1] = -parts[2 * i + 1];
    }
  }
}
