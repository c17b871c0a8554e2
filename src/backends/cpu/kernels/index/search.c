// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/index/search.h"

#include <string.h>

// All arrays are row-major and of one dtype; |row_values| values share a row of
// |length| boundaries.
typedef struct {
  const void* boundaries;
  const int64_t* sorter;  // NULL: in order
  const void* values;
  void* places;
  bool out_int32;
  int64_t length;
  int64_t row_values;
} search_t;

// Searches that go on side by side, so that none waits for another's loads.
#define LANES 8

// |count| values, at most LANES, in one row. Each step halves what is left
// without a branch, |steps| of them are enough for all. The middles are those
// of torch: rows that are not in order, and NaNs, which no comparison holds
// for, give what they give there.
#define SEARCH(name, type, PLACE, REACHES)                            \
  static void name(const void* boundaries, const int64_t* order,      \
                   int64_t length, int64_t steps, const void* values, \
                   int64_t count, int64_t* low) {                     \
    const type* row = boundaries;                                     \
    type value[LANES];                                                \
    int64_t left[LANES];                                              \
    for (int64_t j = 0; j < LANES; ++j) {                             \
      value[j] = ((const type*)values)[j < count ? j : 0];            \
      left[j] = length;                                               \
      low[j] = 0;                                                     \
    }                                                                 \
    for (int64_t s = 0; s < steps; ++s) {                             \
      for (int64_t j = 0; j < LANES; ++j) {                           \
        int64_t half = left[j] >> 1, at = low[j] + half;              \
        at -= at == length; /* nothing is left */                     \
        int64_t up = (left[j] > 0) & !(row[PLACE] REACHES value[j]);  \
        low[j] += (half + 1) & -up;                                   \
        left[j] = half - (up & ~left[j] & 1);                         \
      }                                                               \
    }                                                                 \
    (void)order;                                                      \
  }

#define SEARCHES(suffix, type)                       \
  SEARCH(left_##suffix, type, at, >=)                \
  SEARCH(right_##suffix, type, at, >)                \
  SEARCH(ordered_left_##suffix, type, order[at], >=) \
  SEARCH(ordered_right_##suffix, type, order[at], >)

SEARCHES(i32, int32_t)
SEARCHES(i64, int64_t)
SEARCHES(f32, float)
SEARCHES(f64, double)

typedef void (*search_fn)(const void* boundaries, const int64_t* order,
                          int64_t length, int64_t steps, const void* values,
                          int64_t count, int64_t* low);

// Short dtypes are compared as i32 and f32, which hold all their values.
static int32_t wide_dtype(int32_t dtype) {
  switch (dtype) {
    case PT2_DTYPE_U8:
    case PT2_DTYPE_I8:
    case PT2_DTYPE_I16:
    case PT2_DTYPE_I32:
      return PT2_DTYPE_I32;
    case PT2_DTYPE_F16:
    case PT2_DTYPE_BF16:
    case PT2_DTYPE_F32:
      return PT2_DTYPE_F32;
    case PT2_DTYPE_I64:
    case PT2_DTYPE_F64:
      return dtype;
    default:
      return PT2_DTYPE_UNDEFINED;
  }
}

static search_fn choose(int32_t wide, bool ordered, bool right) {
  static const search_fn functions[4][4] = {
      {left_i32, right_i32, ordered_left_i32, ordered_right_i32},
      {left_i64, right_i64, ordered_left_i64, ordered_right_i64},
      {left_f32, right_f32, ordered_left_f32, ordered_right_f32},
      {left_f64, right_f64, ordered_left_f64, ordered_right_f64}};
  int type = wide == PT2_DTYPE_I32   ? 0
             : wide == PT2_DTYPE_I64 ? 1
             : wide == PT2_DTYPE_F32 ? 2
                                     : 3;
  return functions[type][2 * ordered + right];
}

// The values [first, last), of one row.
static void search_row(search_fn function, const search_t* search,
                       int64_t bytes, int64_t steps, int64_t first,
                       int64_t last) {
  int64_t start = first / search->row_values * search->length;
  const char* row = (const char*)search->boundaries + start * bytes;
  const int64_t* order = search->sorter != NULL ? search->sorter + start : NULL;
  for (int64_t i = first; i < last; i += LANES) {
    int64_t count = last - i < LANES ? last - i : LANES;
    int64_t places[LANES];
    function(row, order, search->length, steps,
             (const char*)search->values + i * bytes, count, places);
    if (search->out_int32) {
      for (int64_t j = 0; j < count; ++j) {
        ((int32_t*)search->places)[i + j] = (int32_t)places[j];
      }
    } else {
      memcpy((int64_t*)search->places + i, places,
             sizeof(int64_t) * (size_t)count);
    }
  }
}

static void run(search_fn function, const search_t* search, int64_t bytes,
                int64_t count) {
  int64_t steps = 0;
  for (int64_t left = search->length; left > 0; left >>= 1) {
    ++steps;
  }
  int64_t threads = pt2__op_threads(count * (steps + 1));
#pragma omp parallel for num_threads((int)threads) if (threads > 1)
  for (int64_t t = 0; t < threads; ++t) {
    int64_t last = count * (t + 1) / threads;
    for (int64_t i = count * t / threads; i < last;) {
      int64_t end = (i / search->row_values + 1) * search->row_values;
      end = end < last ? end : last;
      search_row(function, search, bytes, steps, i, end);
      i = end;
    }
  }
}

// |tensor| as |dtype| and then as |wide|: the first may round.
static pt2_status_t convert(const pt2_tensor_t* tensor, int32_t dtype,
                            int32_t wide, pt2_tensor_t** out_dense) {
  if (dtype == wide || tensor->dtype == dtype) {
    return pt2__tensor_to_contiguous(tensor, wide, out_dense);
  }
  pt2_tensor_t* narrow;
  PT2_TRY(pt2__tensor_to_contiguous(tensor, dtype, &narrow));
  pt2_status_t status = pt2__tensor_to_contiguous(narrow, wide, out_dense);
  pt2__tensor_release(narrow);
  return status;
}

static pt2_status_t search_dense(const pt2__search_args_t* args, bool right,
                                 const pt2_tensor_t* boundaries,
                                 const pt2_tensor_t* values,
                                 pt2_tensor_t* result) {
  int64_t last = values->rank > 0 ? values->sizes[values->rank - 1] : 1;
  search_t search = {
      .boundaries = boundaries->data,
      .values = values->data,
      .places = result->data,
      .out_int32 = args->out_int32,
      .length = boundaries->sizes[boundaries->rank - 1],
      .row_values = boundaries->rank == 1 ? values->numel : last};
  pt2_tensor_t* sorter = NULL;
  if (args->sorter != NULL) {
    PT2_TRY(pt2__tensor_contiguous(args->sorter, &sorter));
    search.sorter = sorter->data;
  }
  run(choose(values->dtype, sorter != NULL, right), &search,
      (int64_t)pt2_dtype_size_bytes(values->dtype), values->numel);
  pt2__tensor_release(sorter);
  return PT2_STATUS_OK;
}

static pt2_status_t search_into(const pt2__search_args_t* args, int32_t dtype,
                                bool right, pt2_tensor_t* result) {
  if (result->numel == 0) {
    return PT2_STATUS_OK;
  }
  int32_t wide = wide_dtype(dtype);
  PT2_OP_CHECK(wide != PT2_DTYPE_UNDEFINED,
               "\"searchsorted_out_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(dtype));
  pt2_tensor_t *boundaries, *values;
  PT2_TRY(convert(args->boundaries, dtype, wide, &boundaries));
  pt2_status_t status = convert(args->values, dtype, wide, &values);
  if (status == PT2_STATUS_OK) {
    status = search_dense(args, right, boundaries, values, result);
    pt2__tensor_release(values);
  }
  pt2__tensor_release(boundaries);
  return status;
}

pt2_status_t pt2__searchsorted(const pt2__search_args_t* args,
                               pt2_tensor_t** out_result) {
  bool right;
  int32_t dtype;
  PT2_TRY(pt2__search_check(args, &right, &dtype));
  pt2_tensor_t* result;
  PT2_TRY(pt2__tensor_empty(args->out_int32 ? PT2_DTYPE_I32 : PT2_DTYPE_I64,
                            args->values->rank, args->values->sizes, NULL,
                            &result));
  pt2_status_t status = search_into(args, dtype, right, result);
  if (status == PT2_STATUS_OK) {
    *out_result = result;
  } else {
    pt2__tensor_release(result);
  }
  return status;
}
