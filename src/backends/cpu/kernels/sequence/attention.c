// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/sequence/attention.h"

#include <omp.h>

#include "backends/cpu/cpu_features.h"
#include "base/memory.h"
#include "base/status.h"
#include "ops/op.h"

const pt2__attention_kernel_t* pt2__attention_kernel(int32_t dtype) {
  bool is_double = dtype == PT2_DTYPE_F64;
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return is_double ? &pt2__attention_f64_avx512 : &pt2__attention_f32_avx512;
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return is_double ? &pt2__attention_f64_avx2 : &pt2__attention_f32_avx2;
  }
#endif
  return is_double ? &pt2__attention_f64 : &pt2__attention_f32;
}

pt2_status_t pt2__attention_run(const pt2__attention_t* a) {
  int64_t blocks =
      (a->query_length + PT2__ATTENTION_ROWS - 1) / PT2__ATTENTION_ROWS;
  int64_t units = a->batch * a->heads * blocks;
  if (units == 0) {
    return PT2_STATUS_OK;
  }
  const pt2__attention_kernel_t* kernel = pt2__attention_kernel(a->dtype);
  // Computed in floating point: the product may pass what 64 bits hold.
  double work = (double)units * PT2__ATTENTION_ROWS * (double)a->key_length *
                (double)a->head_size / 4;
  int64_t threads = pt2__op_threads(work < 1e15 ? (int64_t)work : INT64_MAX);
  threads = threads < units ? threads : units;
  size_t bytes = (kernel->scratch_bytes(a) + 63) / 64 * 64;
  char* scratch = pt2__pool_alloc(bytes * (size_t)threads);
  if (scratch == NULL) {
    return PT2_OUT_OF_MEMORY(bytes * (size_t)threads);
  }
  for (int64_t i = 0; i < threads; ++i) {
    *(int64_t*)(scratch + bytes * (size_t)i) = -1;  // no head is packed yet
  }
  // A thread's units follow each other, so that it packs a head once.
#pragma omp parallel for schedule(static) \
    num_threads((int)threads) if (threads > 1)
  for (int64_t unit = 0; unit < units; ++unit) {
    int64_t head = unit / blocks;
    kernel->block(a, head / a->heads, head % a->heads,
                  unit % blocks * PT2__ATTENTION_ROWS,
                  scratch + bytes * (size_t)omp_get_thread_num());
  }
  pt2__pool_free(scratch, bytes * (size_t)threads);
  return PT2_STATUS_OK;
}
