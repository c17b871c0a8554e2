// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/index/index.h"

#include <complex.h>
#include <string.h>

// Copies |count| elements of |bytes|.
static void copy_row(int64_t bytes, char* target, int64_t target_stride,
                     const char* source, int64_t source_stride, int64_t count) {
  if (target_stride == bytes && source_stride == bytes) {
    memcpy(target, source, (size_t)(bytes * count));
    return;
  }
#define COPY(type)                                  \
  for (int64_t i = 0; i < count; ++i) {             \
    *(type*)(target + i * target_stride) =          \
        *(const type*)(source + i * source_stride); \
  }                                                 \
  break
  switch (bytes) {
    case 1:
      COPY(uint8_t);
    case 2:
      COPY(uint16_t);
    case 4:
      COPY(uint32_t);
    case 8:
      COPY(uint64_t);
    default:
      for (int64_t i = 0; i < count; ++i) {
        memcpy(target + i * target_stride, source + i * source_stride,
               (size_t)bytes);
      }
      break;
  }
#undef COPY
}

void pt2__add_row(int32_t dtype, char* target, int64_t target_stride,
                  const char* source, int64_t source_stride, int64_t count) {
#define ADD(type, sum)                                                  \
  if (target_stride == sizeof(type) && source_stride == sizeof(type)) { \
    type* to = (type*)target;                                           \
    const type* from = (const type*)source;                             \
    for (int64_t i = 0; i < count; ++i) {                               \
      type a = to[i], b = from[i];                                      \
      to[i] = (type)(sum);                                              \
    }                                                                   \
    break;                                                              \
  }                                                                     \
  for (int64_t i = 0; i < count; ++i) {                                 \
    type* to = (type*)(target + i * target_stride);                     \
    type a = *to, b = *(const type*)(source + i * source_stride);       \
    *to = (type)(sum);                                                  \
  }                                                                     \
  break
  switch (dtype) {
    case PT2_DTYPE_U8:
    case PT2_DTYPE_I8:
      ADD(uint8_t, a + b);
    case PT2_DTYPE_I16:
    case PT2_DTYPE_U16:
      ADD(uint16_t, a + b);
    case PT2_DTYPE_I32:
    case PT2_DTYPE_U32:
      ADD(uint32_t, a + b);
    case PT2_DTYPE_I64:
    case PT2_DTYPE_U64:
      ADD(uint64_t, a + b);
    case PT2_DTYPE_BOOL:
      ADD(uint8_t, a | b);
    case PT2_DTYPE_F32:
      ADD(float, a + b);
    case PT2_DTYPE_F64:
      ADD(double, a + b);
    case PT2_DTYPE_F16:
      ADD(uint16_t, pt2__f32_to_f16(pt2__f16_to_f32(a) + pt2__f16_to_f32(b)));
    case PT2_DTYPE_BF16:
      ADD(uint16_t,
          pt2__f32_to_bf16(pt2__bf16_to_f32(a) + pt2__bf16_to_f32(b)));
    case PT2_DTYPE_COMPLEX64:
      ADD(float complex, a + b);
    case PT2_DTYPE_COMPLEX128:
      ADD(double complex, a + b);
    default:
      break;
  }
#undef ADD
}

static void row(pt2__index_mode_t mode, int32_t dtype, int64_t bytes,
                char* self, int64_t self_stride, char* other,
                int64_t other_stride, int64_t count) {
  if (mode == PT2__INDEX_GET) {
    copy_row(bytes, other, other_stride, self, self_stride, count);
  } else if (mode == PT2__INDEX_PUT) {
    copy_row(bytes, self, self_stride, other, other_stride, count);
  } else {
    pt2__add_row(dtype, self, self_stride, other, other_stride, count);
  }
}

// A block of dimensions that is walked in row-major order.
typedef struct {
  int64_t rank;
  int64_t sizes[PT2__MAX_RANK];
  int64_t self[PT2__MAX_RANK];
  int64_t other[PT2__MAX_RANK];
} block_t;

// Takes dimensions [first, last) of the plan; joins those without a gap.
static void block_take(const pt2__index_plan_t* plan,
                       const int64_t* other_strides, int64_t first,
                       int64_t last, block_t* block) {
  block->rank = 0;
  for (int64_t d = first; d < last; ++d) {
    if (plan->sizes[d] == 1) {
      continue;
    }
    int64_t at = block->rank - 1;
    if (block->rank > 0 &&
        block->self[at] == plan->strides[d] * plan->sizes[d] &&
        block->other[at] == other_strides[d] * plan->sizes[d]) {
      block->sizes[at] *= plan->sizes[d];
      block->self[at] = plan->strides[d];
      block->other[at] = other_strides[d];
      continue;
    }
    block->sizes[block->rank] = plan->sizes[d];
    block->self[block->rank] = plan->strides[d];
    block->other[block->rank] = other_strides[d];
    ++block->rank;
  }
}

// Steps |position| and both offsets; false after the last place.
static bool block_step(const block_t* block, int64_t rank, int64_t* position,
                       int64_t* self, int64_t* other) {
  for (int64_t d = rank - 1; d >= 0; --d) {
    *self += block->self[d];
    *other += block->other[d];
    if (++position[d] < block->sizes[d]) {
      return true;
    }
    *self -= block->self[d] * block->sizes[d];
    *other -= block->other[d] * block->sizes[d];
    position[d] = 0;
  }
  return false;
}

typedef struct {
  pt2__index_mode_t mode;
  int32_t dtype;
  int64_t bytes;
  const pt2__index_plan_t* plan;
  block_t before, across, after;
} run_t;

// All |after| elements of one place.
static void run_after(const run_t* run, char* self, char* other) {
  const block_t* after = &run->after;
  if (after->rank == 0) {
    row(run->mode, run->dtype, run->bytes, self, 0, other, 0, 1);
    return;
  }
  int64_t last = after->rank - 1;
  int64_t position[PT2__MAX_RANK] = {0};
  int64_t self_at = 0, other_at = 0;
  do {
    row(run->mode, run->dtype, run->bytes, self + self_at, after->self[last],
        other + other_at, after->other[last], after->sizes[last]);
  } while (block_step(after, last, position, &self_at, &other_at));
}

// One element for each index, side by side on the other side: the usual gather.
static bool run_elements(const run_t* run, char* self, char* other) {
  int64_t count = run->plan->offset_count;
  const int64_t* offsets = run->plan->offsets;
  if (run->after.rank != 0 || run->across.rank > 1 ||
      run->mode == PT2__INDEX_ADD) {
    return false;
  }
  int64_t stride = run->across.rank == 1 ? run->across.other[0] : 0;
#define ELEMENTS(type)                         \
  for (int64_t i = 0; i < count; ++i) {        \
    type* here = (type*)(self + offsets[i]);   \
    type* there = (type*)(other + i * stride); \
    if (get) {                                 \
      *there = *here;                          \
    } else {                                   \
      *here = *there;                          \
    }                                          \
  }                                            \
  return true
  bool get = run->mode == PT2__INDEX_GET;
  switch (run->bytes) {
    case 1:
      ELEMENTS(uint8_t);
    case 2:
      ELEMENTS(uint16_t);
    case 4:
      ELEMENTS(uint32_t);
    case 8:
      ELEMENTS(uint64_t);
    default:
      return false;
  }
#undef ELEMENTS
}

// Every index for one place of |before|.
static void run_across(const run_t* run, char* self, char* other) {
  if (run_elements(run, self, other)) {
    return;
  }
  const block_t* across = &run->across;
  int64_t position[PT2__MAX_RANK] = {0};
  int64_t self_at = 0, other_at = 0;
  for (int64_t i = 0; i < run->plan->offset_count; ++i) {
    run_after(run, self + run->plan->offsets[i], other + other_at);
    block_step(across, across->rank, position, &self_at, &other_at);
  }
}

void pt2__index_run(pt2__index_mode_t mode, const pt2__index_plan_t* plan,
                    int32_t dtype, char* self, char* other,
                    const int64_t* other_strides) {
  int64_t numel;
  if (!pt2__sizes_numel(plan->rank, plan->sizes, &numel) || numel == 0) {
    return;
  }
  run_t run = {.mode = mode,
               .dtype = dtype,
               .bytes = (int64_t)pt2_dtype_size_bytes(dtype),
               .plan = plan};
  int64_t second = plan->before + plan->across;
  block_take(plan, other_strides, 0, plan->before, &run.before);
  block_take(plan, other_strides, plan->before, second, &run.across);
  block_take(plan, other_strides, second, plan->rank, &run.after);
  int64_t position[PT2__MAX_RANK] = {0};
  int64_t self_at = 0, other_at = 0;
  do {
    run_across(&run, self + self_at, other + other_at);
  } while (
      block_step(&run.before, run.before.rank, position, &self_at, &other_at));
}
