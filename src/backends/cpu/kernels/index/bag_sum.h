// SPDX-License-Identifier: Apache-2.0
//
// Sums of rows of a table of f32, the core of embedding bags.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_BAG_SUM_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_BAG_SUM_H_

#include <stdint.h>

typedef struct {
  const float* table;
  int64_t stride;  // from row to row; elements of a row lie side by side
  int64_t width;
  const int64_t* rows;
  int64_t row_count;     // of all bags: rows ahead are fetched early
  int64_t skipped;       // a row that does not count, -1: none
  const float* factors;  // one for each of |rows|, NULL: none
  int64_t factor_stride;
} pt2__bag_sum_t;

// sum[width] = the rows [first, last) of |rows|, added up. Returns how many
// counted.
int64_t pt2__bag_sum(const pt2__bag_sum_t* bag, int64_t first, int64_t last,
                     float* sum);

int64_t pt2__bag_sum_generic(const pt2__bag_sum_t* bag, int64_t first,
                             int64_t last, float* sum);
#if defined(__x86_64__)
int64_t pt2__bag_sum_avx2(const pt2__bag_sum_t* bag, int64_t first,
                          int64_t last, float* sum);
#endif

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_INDEX_BAG_SUM_H_
