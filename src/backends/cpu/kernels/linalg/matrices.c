// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/linalg/matrices.h"

#include <stdatomic.h>

pt2_status_t pt2__each_matrix(int64_t count, double work,
                              pt2__each_matrix_fn each, void* context) {
  // Alone, a matrix has the threads that its products take.
  int threads =
      count > 1 ? pt2__op_threads(work < 1e15 ? (int64_t)work : (int64_t)1e15)
                : 1;
  if (threads == 1) {
    for (int64_t i = 0; i < count; ++i) {
      PT2_TRY(each(context, i));
    }
    return PT2_STATUS_OK;
  }
  // The record of an error belongs to the thread that made it.
  atomic_bool failed = false;
#pragma omp parallel for schedule(static) num_threads(threads)
  for (int64_t i = 0; i < count; ++i) {
    if (each(context, i) != PT2_STATUS_OK) {
      failed = true;
    }
  }
  return failed ? PT2_FAIL(PT2_STATUS_OUT_OF_MEMORY, "out of memory")
                : PT2_STATUS_OK;
}
