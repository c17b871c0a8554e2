// SPDX-License-Identifier: Apache-2.0
#define MAXIMUM_ROW pt2__maximum_row_generic
#include "backends/cpu/kernels/reduce/maximum.inc"

#include <omp.h>

#include "backends/cpu/cpu_features.h"

// Loops over |self| in the order of its memory, dimension 0 innermost.
typedef struct {
  int rank;
  int64_t sizes[PT2__MAX_RANK];
  int64_t from_strides[PT2__MAX_RANK];  // bytes
  int64_t to_strides[PT2__MAX_RANK];    // bytes, 0 in reduced dimensions
  const char* from;
  char* to;
  pt2__maximum_row_fn row;
} plan_t;

// Reduced dimensions go inside of others with the same stride.
static bool belongs_outside(const plan_t* plan, int at, int64_t from,
                            int64_t to) {
  return plan->from_strides[at] < from ||
         (plan->from_strides[at] == from && plan->to_strides[at] <= to);
}

static void order_dims(const pt2_tensor_t* self, const bool* reduced,
                       const int64_t* strides, plan_t* plan) {
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(self->dtype);
  plan->rank = 0;
  for (int d = 0; d < self->rank; ++d) {
    if (self->sizes[d] == 1) {
      continue;
    }
    int64_t from = self->strides[d] * bytes;
    int64_t to = reduced[d] ? 0 : strides[d] * bytes;
    int at = plan->rank++;
    while (at > 0 && !belongs_outside(plan, at - 1, from, to)) {
      plan->sizes[at] = plan->sizes[at - 1];
      plan->from_strides[at] = plan->from_strides[at - 1];
      plan->to_strides[at] = plan->to_strides[at - 1];
      --at;
    }
    plan->sizes[at] = self->sizes[d];
    plan->from_strides[at] = from;
    plan->to_strides[at] = to;
  }
  if (plan->rank == 0) {
    plan->rank = 1;
    plan->sizes[0] = 1;
    plan->from_strides[0] = bytes;
    plan->to_strides[0] = 0;
  }
}

static void collapse_dims(plan_t* plan) {
  int kept = 0;
  for (int i = 1; i < plan->rank; ++i) {
    int64_t size = plan->sizes[kept];
    if (plan->from_strides[i] == plan->from_strides[kept] * size &&
        plan->to_strides[i] == plan->to_strides[kept] * size &&
        (plan->to_strides[i] == 0) == (plan->to_strides[kept] == 0)) {
      plan->sizes[kept] *= plan->sizes[i];
      continue;
    }
    ++kept;
    plan->sizes[kept] = plan->sizes[i];
    plan->from_strides[kept] = plan->from_strides[i];
    plan->to_strides[kept] = plan->to_strides[i];
  }
  plan->rank = kept + 1;
}

static void run(const plan_t* plan) {
  int64_t index[PT2__MAX_RANK] = {0};
  const char* from = plan->from;
  char* to = plan->to;
  for (;;) {
    plan->row(from, plan->from_strides[0], to, plan->to_strides[0],
              plan->sizes[0]);
    int i = 1;
    for (; i < plan->rank; ++i) {
      from += plan->from_strides[i];
      to += plan->to_strides[i];
      if (++index[i] < plan->sizes[i]) {
        break;
      }
      from -= plan->from_strides[i] * plan->sizes[i];
      to -= plan->to_strides[i] * plan->sizes[i];
      index[i] = 0;
    }
    if (i >= plan->rank) {
      return;
    }
  }
}

// The outermost dimension of the result that gives every thread something, -1
// if there is none: two threads may not raise one element.
static int shared_dim(const plan_t* plan, int threads) {
  for (int i = plan->rank - 1; i >= 0; --i) {
    if (plan->to_strides[i] != 0 && plan->sizes[i] >= threads) {
      return i;
    }
  }
  return -1;
}

static pt2__maximum_row_fn row_of(int32_t dtype) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return pt2__maximum_row_avx512(dtype);
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return pt2__maximum_row_avx2(dtype);
  }
#endif
  return pt2__maximum_row_generic(dtype);
}

void pt2__maximum(const pt2_tensor_t* self, const bool* reduced,
                  const int64_t* strides, pt2_tensor_t* result) {
  plan_t plan = {
      .from = self->data, .to = result->data, .row = row_of(self->dtype)};
  order_dims(self, reduced, strides, &plan);
  collapse_dims(&plan);
  int threads = pt2__op_threads(self->numel);
  int split = threads > 1 ? shared_dim(&plan, threads) : -1;
  if (split < 0) {
    run(&plan);
    return;
  }
#pragma omp parallel num_threads(threads)
  {
    int64_t team = omp_get_num_threads();
    int64_t at = omp_get_thread_num();
    int64_t begin = plan.sizes[split] * at / team;
    int64_t end = plan.sizes[split] * (at + 1) / team;
    if (begin < end) {
      plan_t part = plan;
      part.sizes[split] = end - begin;
      part.from += begin * plan.from_strides[split];
      part.to += begin * plan.to_strides[split];
      run(&part);
    }
  }
}
