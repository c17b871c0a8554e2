// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/scatter.h"

#include <math.h>
#include <string.h>

#include "backends/cpu/kernels/fill_number.h"
#include "ops/index.h"

// One row of the walk over |index|: element i goes to
// out + i * out_step + index[i] * out_stride. Steps are in bytes.
typedef struct {
  int64_t count;
  bool wide;  // indices of 64 bits
  const char* index;
  int64_t index_step;
  char* out;
  int64_t out_step;
  int64_t out_stride;
  const char* src;
  int64_t src_step;
} row_t;

typedef void (*row_fn)(const row_t* row);

// A loop over the elements of a row: |STEP| does |*to| op= |from|. What the
// loop needs is held in variables, as stores might change |*row|; the usual
// row, one along a dense dimension, needs no products.
#define ROW_FROM(name, type, from_t, STEP)                                     \
  static void name(const row_t* row) {                                         \
    const int64_t count = row->count, bytes = (int64_t)sizeof(type);           \
    const int64_t src_bytes = (int64_t)sizeof(from_t);                         \
    const char *index = row->index, *src = row->src;                           \
    char* out = row->out;                                                      \
    const int64_t index_step = row->index_step, src_step = row->src_step;      \
    const int64_t out_step = row->out_step, stride = row->out_stride;          \
    const bool along = out_step == 0 && stride == bytes;                       \
    const bool dense = src_step == src_bytes || src_step == 0;                 \
    if (along && row->wide && index_step == 8 && dense) {                      \
      const int64_t* places = (const int64_t*)(const void*)index;              \
      const from_t* values = (const from_t*)(const void*)src;                  \
      for (int64_t i = 0; i < count; ++i) {                                    \
        type* to = (type*)(void*)out + places[i];                              \
        const from_t from = *values;                                           \
        STEP;                                                                  \
        values += src_step != 0;                                               \
      }                                                                        \
    } else if (row->wide) {                                                    \
      for (int64_t i = 0; i < count; ++i) {                                    \
        const int64_t at = *(const int64_t*)(index + i * index_step);          \
        type* to = (type*)(void*)(out + i * out_step + at * stride);           \
        const from_t from = *(const from_t*)(const void*)(src + i * src_step); \
        STEP;                                                                  \
      }                                                                        \
    } else {                                                                   \
      for (int64_t i = 0; i < count; ++i) {                                    \
        const int64_t at = *(const int32_t*)(index + i * index_step);          \
        type* to = (type*)(void*)(out + i * out_step + at * stride);           \
        const from_t from = *(const from_t*)(const void*)(src + i * src_step); \
        STEP;                                                                  \
      }                                                                        \
    }                                                                          \
  }
#define ROW(name, type, STEP) ROW_FROM(name, type, type, STEP)

ROW(set_1, uint8_t, *to = from)
ROW(set_2, uint16_t, *to = from)
ROW(set_4, uint32_t, *to = from)
ROW(set_8, uint64_t, *to = from)
typedef struct {
  uint64_t half[2];
} pair_t;
ROW(set_16, pair_t, *to = from)

#define NEVER(x) 0
#define REDUCE(name, type, math, NAN_OF)                          \
  ROW(sum_##name, type, *to = (type)((math)*to + (math)from))     \
  ROW(product_##name, type, *to = (type)((math)*to * (math)from)) \
  ROW(max_##name, type, const type old = *to;                     \
      *to = (old < from) | NAN_OF(from) ? from : old)             \
  ROW(min_##name, type, const type old = *to;                     \
      *to = (from < old) | NAN_OF(from) ? from : old)

// Integers wrap around, which in C only unsigned ones may do.
REDUCE(u8, uint8_t, uint32_t, NEVER)
REDUCE(i8, int8_t, uint32_t, NEVER)
REDUCE(i16, int16_t, uint32_t, NEVER)
REDUCE(i32, int32_t, uint32_t, NEVER)
REDUCE(i64, int64_t, uint64_t, NEVER)
REDUCE(f32, float, float, isnan)
REDUCE(f64, double, double, isnan)
ROW(any_bool, bool, *to = *to || from)
ROW(all_bool, bool, *to = *to && from)
// Complex numbers have no order.
ROW(sum_c64, float _Complex, *to = *to + from)
ROW(sum_c128, double _Complex, *to = *to + from)
ROW(product_c64, float _Complex, *to = *to * from)
ROW(product_c128, double _Complex, *to = *to * from)

// What is summed in f32 is read in its own dtype where that costs nothing.
ROW_FROM(sum_bf16, float, uint16_t, *to += pt2__bf16_to_f32(from))

static row_fn choose_set(int32_t dtype) {
  switch (pt2_dtype_size_bytes(dtype)) {
    case 1:
      return set_1;
    case 2:
      return set_2;
    case 4:
      return set_4;
    case 8:
      return set_8;
    default:
      return set_16;
  }
}

// NULL: torch has no such reduction.
static row_fn choose(pt2__scatter_t kind, int32_t dtype) {
#define KINDS(name)                                    \
  return kind == PT2__SCATTER_PRODUCT ? product_##name \
         : kind == PT2__SCATTER_MAX   ? max_##name     \
         : kind == PT2__SCATTER_MIN   ? min_##name     \
                                      : sum_##name
  const bool product = kind == PT2__SCATTER_PRODUCT;
  const bool adds = kind == PT2__SCATTER_SUM || product;
  if (kind == PT2__SCATTER_SET) {
    return choose_set(dtype);
  }
  switch (dtype) {
    case PT2_DTYPE_COMPLEX64:
      return !adds ? NULL : product ? product_c64 : sum_c64;
    case PT2_DTYPE_COMPLEX128:
      return !adds ? NULL : product ? product_c128 : sum_c128;
    case PT2_DTYPE_BOOL:
      return kind == PT2__SCATTER_MEAN                              ? NULL
             : kind == PT2__SCATTER_SUM || kind == PT2__SCATTER_MAX ? any_bool
                                                                    : all_bool;
    case PT2_DTYPE_U8:
      KINDS(u8);
    case PT2_DTYPE_I8:
      KINDS(i8);
    case PT2_DTYPE_I16:
      KINDS(i16);
    case PT2_DTYPE_I32:
      KINDS(i32);
    case PT2_DTYPE_I64:
      KINDS(i64);
    case PT2_DTYPE_F16:
    case PT2_DTYPE_BF16:
    case PT2_DTYPE_F32:
      KINDS(f32);
    case PT2_DTYPE_F64:
      KINDS(f64);
    default:
      return NULL;
  }
#undef KINDS
}

typedef struct {
  row_fn function;
  pt2_tensor_t* out;
  int64_t dim;
  const pt2_tensor_t* index;
  const pt2_tensor_t* src;  // NULL: one element, |value|, for all
  const void* value;
} walk_t;

// Runs over the part of |index| that lies in |begin| to |end| along |split|,
// a dimension other than the one that indices are for; all of it where |split|
// is negative.
static void walk_part(const walk_t* walk, int64_t split, int64_t begin,
                      int64_t end) {
  const pt2_tensor_t *out = walk->out, *index = walk->index, *src = walk->src;
  const int64_t bytes = (int64_t)pt2_dtype_size_bytes(out->dtype);
  const int64_t rank = index->rank, last = rank - 1;
  int64_t sizes[PT2__MAX_RANK], steps[3][PT2__MAX_RANK];
  int64_t position[PT2__MAX_RANK] = {0};
  row_t row = {
      .wide = index->dtype == PT2_DTYPE_I64,
      .index = index->data,
      .out = out->data,
      .out_stride = out->rank > 0 ? out->strides[walk->dim] * bytes : bytes,
      .src = src != NULL ? src->data : walk->value,
      .count = 1};
  for (int64_t d = 0; d < rank; ++d) {
    sizes[d] = d == split ? end - begin : index->sizes[d];
    steps[0][d] =
        index->strides[d] * (int64_t)pt2_dtype_size_bytes(index->dtype);
    steps[1][d] =
        d == walk->dim || out->rank == 0 ? 0 : out->strides[d] * bytes;
    steps[2][d] =
        src == NULL || src->rank == 0
            ? 0
            : src->strides[d] * (int64_t)pt2_dtype_size_bytes(src->dtype);
  }
  if (split >= 0) {
    row.index += steps[0][split] * begin;
    row.out += steps[1][split] * begin;
    row.src += steps[2][split] * begin;
  }
  if (rank > 0) {
    row.count = sizes[last];
    row.index_step = steps[0][last];
    row.out_step = steps[1][last];
    row.src_step = steps[2][last];
  }
  for (;;) {
    walk->function(&row);
    int64_t d = last - 1;
    for (; d >= 0; --d) {
      row.index += steps[0][d];
      row.out += steps[1][d];
      row.src += steps[2][d];
      if (++position[d] < sizes[d]) {
        break;
      }
      row.index -= steps[0][d] * sizes[d];
      row.out -= steps[1][d] * sizes[d];
      row.src -= steps[2][d] * sizes[d];
      position[d] = 0;
    }
    if (d < 0) {
      return;
    }
  }
}

// Threads share the longest other dimension: what goes to one place is done by
// one thread, in order.
static void walk_all(const walk_t* walk) {
  int64_t split = -1;
  for (int64_t d = 0; d < walk->index->rank; ++d) {
    if (d != walk->dim &&
        (split < 0 || walk->index->sizes[d] > walk->index->sizes[split])) {
      split = d;
    }
  }
  const int64_t size = split >= 0 ? walk->index->sizes[split] : 1;
  int64_t threads = pt2__op_threads(walk->index->numel * 2);
  threads = threads < size ? threads : size;
#pragma omp parallel for num_threads((int)threads) if (threads > 1)
  for (int64_t t = 0; t < threads; ++t) {
    walk_part(walk, split, size * t / threads, size * (t + 1) / threads);
  }
}

static void walk(row_fn function, pt2_tensor_t* out, int64_t dim,
                 const pt2_tensor_t* index, const pt2_tensor_t* src,
                 const void* value) {
  const walk_t all = {.function = function,
                      .out = out,
                      .dim = dim,
                      .index = index,
                      .src = src,
                      .value = value};
  walk_all(&all);
}

// What a reduction starts from when self does not count.
static void set_neutral(pt2__scatter_t kind, int32_t dtype, void* element) {
  bool floating = pt2__dtype_is_floating(dtype);
  if (kind == PT2__SCATTER_MAX || kind == PT2__SCATTER_MIN) {
    bool most = kind == PT2__SCATTER_MIN;
    if (floating) {
      pt2__element_set_f64(dtype, element, most ? INFINITY : -INFINITY);
      return;
    }
    int64_t bits = 8 * (int64_t)pt2_dtype_size_bytes(dtype);
    bool has_sign = dtype != PT2_DTYPE_U8 && dtype != PT2_DTYPE_BOOL;
    int64_t high = dtype == PT2_DTYPE_BOOL ? 1
                   : has_sign ? (int64_t)((UINT64_C(1) << (bits - 1)) - 1)
                              : 255;
    int64_t low = has_sign ? -high - 1 : 0;
    pt2__element_set_i64(dtype, element, most ? high : low);
    return;
  }
  pt2__element_set_i64(dtype, element, kind == PT2__SCATTER_PRODUCT);
}

// |b| is not 0; it may be -1, a count that wrapped around.
static int64_t floor_divide(int64_t a, int64_t b) {
  if (b == -1) {
    return (int64_t)(0 - (uint64_t)a);
  }
  const int64_t quotient = a / b;
  return quotient - (a % b != 0 && (a < 0) != (b < 0));
}

static float divide_bf16(float a, float b) {
  return a / pt2__bf16_to_f32(pt2__f32_to_bf16(b));
}

static float divide_f16(float a, float b) {
  return a / pt2__f16_to_f32(pt2__f32_to_f16(b));
}

// |size| elements, |step| elements apart, by how many came to each: a number of
// the same dtype, or of f32 that is rounded first. 0 counts as 1.
static void divide_row(int32_t dtype, char* at, int64_t step, int64_t size,
                       const char* counts) {
#define SAME(x) (x)
#define QUOTIENT(x, by) ((x) / (by))
#define DIVIDE_AT(type, count_t, LOAD, STORE, OF, PLACE)               \
  for (int64_t i = 0; i < size; ++i) {                                 \
    const count_t count = ((const count_t*)(const void*)counts)[i];    \
    type* to = (type*)(void*)at + (PLACE);                             \
    *to = (type)STORE(OF(LOAD(*to), count == 0 ? (count_t)1 : count)); \
  }
#define DIVIDE(type, count_t, LOAD, STORE, OF)         \
  if (step == 1) {                                     \
    DIVIDE_AT(type, count_t, LOAD, STORE, OF, i)       \
  } else {                                             \
    DIVIDE_AT(type, count_t, LOAD, STORE, OF, i* step) \
  }                                                    \
  break
  switch (dtype) {
    case PT2_DTYPE_F32:
      DIVIDE(float, float, SAME, SAME, QUOTIENT);
    case PT2_DTYPE_F64:
      DIVIDE(double, double, SAME, SAME, QUOTIENT);
    case PT2_DTYPE_BF16:
      DIVIDE(uint16_t, float, pt2__bf16_to_f32, pt2__f32_to_bf16, divide_bf16);
    case PT2_DTYPE_F16:
      DIVIDE(uint16_t, float, pt2__f16_to_f32, pt2__f32_to_f16, divide_f16);
    case PT2_DTYPE_I64:
      DIVIDE(int64_t, int64_t, SAME, SAME, floor_divide);
    case PT2_DTYPE_I32:
      DIVIDE(int32_t, int32_t, SAME, SAME, floor_divide);
    case PT2_DTYPE_I16:
      DIVIDE(int16_t, int16_t, SAME, SAME, floor_divide);
    case PT2_DTYPE_I8:
      DIVIDE(int8_t, int8_t, SAME, SAME, floor_divide);
    default:  // no other dtype has a mean
      DIVIDE(uint8_t, uint8_t, SAME, SAME, floor_divide);
  }
#undef DIVIDE
#undef DIVIDE_AT
#undef QUOTIENT
#undef SAME
}

// Divides what was summed by how many came to each place. Counts are of out's
// dtype and wrap around with it, as torch's do.
static pt2_status_t divide(pt2_tensor_t* out, int64_t dim,
                           const pt2_tensor_t* index, bool include_self) {
  const bool low = out->dtype == PT2_DTYPE_F16 || out->dtype == PT2_DTYPE_BF16;
  pt2_tensor_t* counts;
  char one[16] = {0}, start[16] = {0};
  PT2_TRY(pt2__tensor_empty(low ? PT2_DTYPE_F32 : out->dtype, out->rank,
                            out->sizes, NULL, &counts));
  pt2__element_set_i64(counts->dtype, one, 1);
  pt2__element_set_i64(counts->dtype, start, include_self);
  pt2__fill_element(counts, start);
  walk(choose(PT2__SCATTER_SUM, counts->dtype), counts, dim, index, NULL, one);
  const int64_t bytes = (int64_t)pt2_dtype_size_bytes(out->dtype);
  const int32_t last = out->rank - 1;
  const int64_t size = last >= 0 ? out->sizes[last] : 1;
  const int64_t step = last >= 0 ? out->strides[last] : 0;
  int64_t position[PT2__MAX_RANK] = {0};
  char* at = out->data;
  for (int64_t i = 0; i < counts->numel; i += size) {
    divide_row(out->dtype, at, step, size,
               (const char*)counts->data +
                   i * (int64_t)pt2_dtype_size_bytes(counts->dtype));
    for (int64_t d = last - 1; d >= 0; --d) {
      at += out->strides[d] * bytes;
      if (++position[d] < out->sizes[d]) {
        break;
      }
      at -= out->strides[d] * bytes * out->sizes[d];
      position[d] = 0;
    }
  }
  pt2__tensor_release(counts);
  return PT2_STATUS_OK;
}

static void reduce(pt2__scatter_t kind, row_fn function, pt2_tensor_t* out,
                   int64_t dim, const pt2_tensor_t* index,
                   const pt2_tensor_t* src, const void* value,
                   bool include_self) {
  if (!include_self && kind != PT2__SCATTER_SET) {
    char neutral[16];
    set_neutral(kind, out->dtype, neutral);
    walk(choose_set(out->dtype), out, dim, index, NULL, neutral);
  }
  walk(function, out, dim, index, src, value);
}

// f16 and bf16: sums and products are taken in f32 and rounded at the end, as
// in torch.
static pt2_status_t reduce_low(pt2__scatter_t kind, pt2_tensor_t* out,
                               int64_t dim, const pt2_tensor_t* index,
                               const pt2_tensor_t* src, bool include_self) {
  const bool as_is = src->dtype == PT2_DTYPE_BF16 &&
                     (kind == PT2__SCATTER_SUM || kind == PT2__SCATTER_MEAN);
  pt2_tensor_t *wide_out, *wide_src;
  PT2_TRY(pt2__tensor_to_contiguous(out, PT2_DTYPE_F32, &wide_out));
  pt2_status_t status =
      as_is ? pt2__tensor_alias(src, &wide_src)
            : pt2__tensor_to_contiguous(src, PT2_DTYPE_F32, &wide_src);
  if (status == PT2_STATUS_OK) {
    reduce(kind, as_is ? sum_bf16 : choose(kind, PT2_DTYPE_F32), wide_out, dim,
           index, wide_src, NULL, include_self);
    status = pt2__tensor_copy(out, wide_out);
    pt2__tensor_release(wide_src);
  }
  pt2__tensor_release(wide_out);
  return status;
}

static pt2_status_t write_out(pt2__scatter_t kind, row_fn function,
                              pt2_tensor_t* out, int64_t dim,
                              const pt2_tensor_t* index,
                              const pt2_tensor_t* src, const void* value,
                              bool include_self) {
  if (index->numel == 0) {
    return PT2_STATUS_OK;
  }
  bool low = out->dtype == PT2_DTYPE_F16 || out->dtype == PT2_DTYPE_BF16;
  if (low && kind != PT2__SCATTER_SET) {
    PT2_TRY(reduce_low(kind, out, dim, index, src, include_self));
  } else {
    reduce(kind, function, out, dim, index, src, value, include_self);
  }
  return kind == PT2__SCATTER_MEAN ? divide(out, dim, index, include_self)
                                   : PT2_STATUS_OK;
}

static bool same_view(const pt2_tensor_t* a, const pt2_tensor_t* b) {
  bool same = a->data == b->data;
  for (int32_t d = 0; same && d < a->rank; ++d) {
    same = a->strides[d] == b->strides[d];
  }
  return same;
}

// A row-major copy where |tensor| shares |out|'s memory, else an alias.
static pt2_status_t apart(const pt2_tensor_t* tensor, const pt2_tensor_t* out,
                          pt2_tensor_t** out_apart) {
  if (!pt2__op_memory_meets(tensor, out)) {
    return pt2__tensor_alias(tensor, out_apart);
  }
  return pt2_tensor_clone(tensor, out_apart);
}

pt2_status_t pt2__scatter(pt2__scatter_t kind, pt2_tensor_t* out,
                          const pt2_tensor_t* self, int64_t dim,
                          const pt2_tensor_t* index, const pt2_tensor_t* src,
                          const void* value, bool include_self) {
  PT2_TRY(pt2__scatter_check(out, self, &dim, index, src));
  row_fn function = choose(kind, out->dtype);
  PT2_OP_CHECK(function != NULL,
               "\"scatter_gather_tensor_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(out->dtype));
  pt2_tensor_t *places, *read = NULL;
  PT2_TRY(apart(index, out, &places));
  pt2_status_t status = src != NULL ? apart(src, out, &read) : PT2_STATUS_OK;
  if (status == PT2_STATUS_OK && !same_view(out, self)) {
    status = pt2__tensor_copy(out, self);
  }
  if (status == PT2_STATUS_OK) {
    status =
        write_out(kind, function, out, dim, places, read, value, include_self);
  }
  pt2__tensor_release(read);
  pt2__tensor_release(places);
  return status;
}
