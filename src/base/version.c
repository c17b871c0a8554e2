// SPDX-License-Identifier: Apache-2.0
//
// The library's version and its settings for the whole process.
#include <omp.h>
#include <stdatomic.h>

#include "base/status.h"
#include "pt2/pt2.h"

const char* pt2_version(void) { return PT2_VERSION_STRING; }

// 0: as many as OpenMP gives. One number for all threads of the process, unlike
// omp_set_num_threads, which speaks for the calling thread alone.
static atomic_int thread_limit;

int32_t pt2_num_threads(void) {
  int limit = atomic_load_explicit(&thread_limit, memory_order_relaxed);
  return limit > 0 ? limit : omp_get_max_threads();
}

pt2_status_t pt2_set_num_threads(int32_t count) {
  pt2__error_begin();
  if (count < 1) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT,
                    "the number of threads is at least 1, not %d", count);
  }
  atomic_store(&thread_limit, count);
  return PT2_STATUS_OK;
}
