// SPDX-License-Identifier: Apache-2.0
//
// Copies elements between any two layouts: dimensions are collapsed and ordered
// by the target's strides, then the fastest of four kernels runs over them
// (one block, runs, transposed tiles, single elements; conversion between
// dtypes by pt2__convert_run).
#include <omp.h>
#include <string.h>

#include "tensor/convert.h"
#include "tensor/device.h"
#include "tensor/tensor.h"
#include "tensor/transpose.h"

// A copy after collapsing. Strides are in bytes; the last dimension is the
// innermost one.
typedef struct {
  int rank;
  int64_t sizes[PT2__MAX_RANK];
  int64_t target_strides[PT2__MAX_RANK];
  int64_t source_strides[PT2__MAX_RANK];
  char* target;
  const char* source;
  int32_t target_dtype;
  int32_t source_dtype;
  int64_t target_bytes;  // of an element
  int64_t source_bytes;
} plan_t;

// ---- Planning --------------------------------------------------------------

static pt2_status_t check(const pt2_tensor_t* target,
                          const pt2_tensor_t* source) {
  char left[256];
  char right[256];
  if (source->rank > target->rank) {
    return PT2_FAIL(
        PT2_STATUS_INVALID_ARGUMENT,
        "output with shape %s doesn't match the broadcast shape %s",
        pt2__sizes_format(target->rank, target->sizes, left, sizeof(left)),
        pt2__sizes_format(source->rank, source->sizes, right, sizeof(right)));
  }
  int lead = target->rank - source->rank;
  for (int i = 0; i < source->rank; ++i) {
    if (source->sizes[i] != 1 && source->sizes[i] != target->sizes[lead + i]) {
      return PT2_FAIL(
          PT2_STATUS_INVALID_ARGUMENT,
          "source of sizes %s does not broadcast to %s: dimension %d has %lld, "
          "expected %lld",
          pt2__sizes_format(source->rank, source->sizes, right, sizeof(right)),
          pt2__sizes_format(target->rank, target->sizes, left, sizeof(left)), i,
          (long long)source->sizes[i], (long long)target->sizes[lead + i]);
    }
  }
  if (source->dtype != target->dtype &&
      (source->dtype == PT2_DTYPE_F4E2M1FNX2 ||
       target->dtype == PT2_DTYPE_F4E2M1FNX2)) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "copy from %s to %s",
                    pt2__dtype_torch_name(source->dtype),
                    pt2__dtype_torch_name(target->dtype));
  }
  if (pt2__tensor_has_internal_overlap(target)) {
    return PT2_FAIL(
        PT2_STATUS_INVALID_ARGUMENT,
        "unsupported operation: more than one element of the "
        "written-to tensor of sizes %s refers to a single memory "
        "location",
        pt2__sizes_format(target->rank, target->sizes, left, sizeof(left)));
  }
  return PT2_STATUS_OK;
}

// Puts the dimensions that matter into |plan|, the target's largest stride
// first. Among equal ones the source's decides, so that stride 0 comes first.
static void order_dims(const pt2_tensor_t* target, const pt2_tensor_t* source,
                       plan_t* plan) {
  int lead = target->rank - source->rank;
  plan->rank = 0;
  for (int i = 0; i < target->rank; ++i) {
    int64_t size = target->sizes[i];
    if (size == 1) {
      continue;
    }
    int64_t to = target->strides[i] * plan->target_bytes;
    int64_t from = 0;
    if (i >= lead && source->sizes[i - lead] != 1) {
      from = source->strides[i - lead] * plan->source_bytes;
    }
    int at = plan->rank++;
    while (at > 0 && plan->target_strides[at - 1] < to) {
      plan->sizes[at] = plan->sizes[at - 1];
      plan->target_strides[at] = plan->target_strides[at - 1];
      plan->source_strides[at] = plan->source_strides[at - 1];
      --at;
    }
    plan->sizes[at] = size;
    plan->target_strides[at] = to;
    plan->source_strides[at] = from;
  }
}

// Merges neighbours that are one dimension in both tensors.
static void collapse_dims(plan_t* plan) {
  int kept = 0;
  for (int i = 1; i < plan->rank; ++i) {
    if (plan->target_strides[kept] ==
            plan->target_strides[i] * plan->sizes[i] &&
        plan->source_strides[kept] ==
            plan->source_strides[i] * plan->sizes[i]) {
      plan->sizes[kept] *= plan->sizes[i];
    } else {
      ++kept;
      plan->sizes[kept] = plan->sizes[i];
    }
    plan->target_strides[kept] = plan->target_strides[i];
    plan->source_strides[kept] = plan->source_strides[i];
  }
  if (plan->rank > 0) {
    plan->rank = kept + 1;
  } else {
    // A single element.
    plan->rank = 1;
    plan->sizes[0] = 1;
    plan->target_strides[0] = plan->target_bytes;
    plan->source_strides[0] = plan->source_bytes;
  }
}

// ---- Kernels ---------------------------------------------------------------
// Each copies the innermost one or two dimensions.

#define COPY_ELEMENTS(type)                                             \
  do {                                                                  \
    for (int64_t i = 0; i < count; ++i) {                               \
      memcpy(to + i * to_stride, from + i * from_stride, sizeof(type)); \
    }                                                                   \
  } while (0)

typedef struct {
  uint64_t halves[2];
} bytes16_t;

// Repeats the element at |from|.
#define FILL_ELEMENTS(type)                                         \
  do {                                                              \
    type value;                                                     \
    memcpy(&value, from, sizeof(value));                            \
    for (int64_t i = 0; i < count; ++i) {                           \
      memcpy(to + (size_t)i * sizeof(type), &value, sizeof(value)); \
    }                                                               \
  } while (0)

static void fill_row(char* to, const char* from, int64_t element_bytes,
                     int64_t count) {
  switch (element_bytes) {
    case 1:
      memset(to, *(const unsigned char*)from, (size_t)count);
      break;
    case 2:
      FILL_ELEMENTS(uint16_t);
      break;
    case 4:
      FILL_ELEMENTS(uint32_t);
      break;
    case 8:
      FILL_ELEMENTS(uint64_t);
      break;
    default:
      FILL_ELEMENTS(bytes16_t);
      break;
  }
}

static void copy_row(char* to, int64_t to_stride, const char* from,
                     int64_t from_stride, int64_t element_bytes,
                     int64_t count) {
  if (to_stride == element_bytes && from_stride == element_bytes) {
    memcpy(to, from, (size_t)(count * element_bytes));
    return;
  }
  if (to_stride == element_bytes && from_stride == 0) {
    fill_row(to, from, element_bytes, count);
    return;
  }
  switch (element_bytes) {
    case 1:
      COPY_ELEMENTS(uint8_t);
      break;
    case 2:
      COPY_ELEMENTS(uint16_t);
      break;
    case 4:
      COPY_ELEMENTS(uint32_t);
      break;
    case 8:
      COPY_ELEMENTS(uint64_t);
      break;
    default:
      COPY_ELEMENTS(bytes16_t);
      break;
  }
}

// The dimension that is to be transposed with the innermost one, -1 if none.
static int transposed_dim(const plan_t* plan) {
  int last = plan->rank - 1;
  if (plan->target_dtype != plan->source_dtype || last < 1 ||
      plan->target_strides[last] != plan->target_bytes ||
      plan->source_strides[last] == plan->source_bytes ||
      plan->source_strides[last] == 0) {
    return -1;
  }
  for (int i = 0; i < last; ++i) {
    if (plan->source_strides[i] == plan->source_bytes) {
      return i;
    }
  }
  return -1;
}

static void copy_innermost(const plan_t* plan, int partner, char* to,
                           const char* from) {
  int last = plan->rank - 1;
  if (partner >= 0) {
    pt2__transpose_run(to, plan->target_strides[partner], from,
                       plan->source_strides[last], plan->target_bytes,
                       plan->sizes[partner], plan->sizes[last]);
  } else if (plan->target_dtype == plan->source_dtype) {
    copy_row(to, plan->target_strides[last], from, plan->source_strides[last],
             plan->target_bytes, plan->sizes[last]);
  } else {
    pt2__convert_run(plan->target_dtype, to, plan->target_strides[last],
                     plan->source_dtype, from, plan->source_strides[last],
                     plan->sizes[last]);
  }
}

// Counts through all dimensions but the innermost (and its partner).
static void run_serial(const plan_t* plan) {
  int partner = transposed_dim(plan);
  int last = plan->rank - 1;
  int64_t index[PT2__MAX_RANK] = {0};
  char* to = plan->target;
  const char* from = plan->source;
  for (;;) {
    copy_innermost(plan, partner, to, from);
    int i = last - 1;
    while (i >= 0) {
      if (i != partner) {
        to += plan->target_strides[i];
        from += plan->source_strides[i];
        if (++index[i] < plan->sizes[i]) {
          break;
        }
        to -= plan->target_strides[i] * plan->sizes[i];
        from -= plan->source_strides[i] * plan->sizes[i];
        index[i] = 0;
      }
      --i;
    }
    if (i < 0) {
      return;
    }
  }
}

// ---- Threads ---------------------------------------------------------------

// Copies are bound by memory: below this many bytes for each thread a parallel
// region costs more than it saves.
#define GRAIN_BYTES (128 << 10)

static int thread_count(int64_t bytes) {
  if (bytes < 2 * GRAIN_BYTES || omp_in_parallel()) {
    return 1;
  }
  int most = omp_get_max_threads();
  int64_t share = bytes / GRAIN_BYTES;
  return share < most ? (int)share : most;
}

static void run(const plan_t* plan, int64_t numel) {
  int64_t wider = plan->target_bytes > plan->source_bytes ? plan->target_bytes
                                                          : plan->source_bytes;
  int threads = thread_count(numel * wider);
  // The outermost dimension that gives every thread something; else the
  // largest.
  int split = 0;
  for (int i = 0; i < plan->rank && plan->sizes[split] < threads; ++i) {
    if (plan->sizes[i] > plan->sizes[split]) {
      split = i;
    }
  }
  if (threads > plan->sizes[split]) {
    threads = (int)plan->sizes[split];
  }
  if (threads <= 1) {
    run_serial(plan);
    return;
  }
#pragma omp parallel num_threads(threads)
  {
    int64_t team = omp_get_num_threads();
    int64_t at = omp_get_thread_num();
    int64_t begin = plan->sizes[split] * at / team;
    int64_t end = plan->sizes[split] * (at + 1) / team;
    if (begin < end) {
      plan_t part = *plan;
      part.sizes[split] = end - begin;
      part.target += begin * plan->target_strides[split];
      part.source += begin * plan->source_strides[split];
      run_serial(&part);
    }
  }
}

// ---- Overlap ---------------------------------------------------------------

// Bytes that a tensor with elements reaches.
static size_t reach(const pt2_tensor_t* tensor) {
  size_t bytes = 0;
  (void)pt2__sizes_storage_bytes(tensor->rank, tensor->sizes, tensor->strides,
                                 0, pt2_dtype_size_bytes(tensor->dtype),
                                 &bytes);
  return bytes;
}

static bool overlap(const pt2_tensor_t* a, const pt2_tensor_t* b) {
  uintptr_t a_begin = (uintptr_t)a->data;
  uintptr_t b_begin = (uintptr_t)b->data;
  return a_begin < b_begin + reach(b) && b_begin < a_begin + reach(a);
}

static bool same_elements(const pt2_tensor_t* a, const pt2_tensor_t* b) {
  size_t bytes = (size_t)a->rank * sizeof(int64_t);
  return a->data == b->data && a->dtype == b->dtype && a->rank == b->rank &&
         memcmp(a->sizes, b->sizes, bytes) == 0 &&
         memcmp(a->strides, b->strides, bytes) == 0;
}

static void copy_apart(pt2_tensor_t* target, const pt2_tensor_t* source) {
  plan_t plan;
  plan.target = target->data;
  plan.source = source->data;
  plan.target_dtype = target->dtype;
  plan.source_dtype = source->dtype;
  plan.target_bytes = (int64_t)pt2_dtype_size_bytes(target->dtype);
  plan.source_bytes = (int64_t)pt2_dtype_size_bytes(source->dtype);
  order_dims(target, source, &plan);
  collapse_dims(&plan);
  run(&plan, target->numel);
}

pt2_status_t pt2__tensor_copy_host(pt2_tensor_t* target,
                                   const pt2_tensor_t* source) {
  if (same_elements(target, source)) {
    return PT2_STATUS_OK;
  }
  if (!overlap(target, source)) {
    copy_apart(target, source);
    return PT2_STATUS_OK;
  }
  // Elements that are still to be read could be written over: by way of fresh
  // memory.
  pt2_tensor_t* fresh = NULL;
  PT2_TRY(pt2__tensor_empty_at((pt2__place_t){NULL, 0}, source->dtype,
                               source->rank, source->sizes, NULL, &fresh));
  copy_apart(fresh, source);
  copy_apart(target, fresh);
  pt2__tensor_release(fresh);
  return PT2_STATUS_OK;
}

pt2_status_t pt2__tensor_copy(pt2_tensor_t* target,
                              const pt2_tensor_t* source) {
  PT2_TRY(check(target, source));
  if (target->numel == 0) {
    return PT2_STATUS_OK;
  }
  if ((target->device_type | source->device_type) != PT2_DEVICE_CPU) {
    return pt2__tensor_copy_devices(target, source);
  }
  return pt2__tensor_copy_host(target, source);
}
