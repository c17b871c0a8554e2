// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/index/scatter.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "backends/cpu/kernels/elementwise/fill_number.h"
#include "backends/cpu/kernels/elementwise/larger.h"
#include "ops/index.h"

// One row of the walk over |index|, or several: element i goes to
// out + i * out_step + index[i] * out_stride. Steps are in bytes.
typedef struct {
  int64_t count;
  size_t index_bytes;  // 8, 4, or 2 of a row along a dense dimension
  const char* index;
  int64_t index_step;
  char* out;
  int64_t out_step;
  int64_t out_stride;
  const char* src;
  int64_t src_step;
  // Of indices of 2 bytes, whose rows follow each other.
  int64_t rows;
  int64_t out_row;
  int64_t src_row;
} row_t;

typedef void (*row_fn)(const row_t* row);

#define STEP_TO(type, from_t, place, value, STEP) \
  {                                               \
    type* to = (type*)(void*)out + (place);       \
    const from_t from = (value);                  \
    STEP;                                         \
  }

// A loop over the elements of a row: |STEP| does |*to| op= |from|. What the
// loop needs is held in variables, as stores might change |*row|; the usual
// row, one along a dense dimension, needs no products. Its indices, where they
// are short, are loaded four at a time: loads are what such a loop waits for.
#define ROW_FROM(name, type, from_t, STEP)                                     \
  static void name(const row_t* row) {                                         \
    const int64_t count = row->count, bytes = (int64_t)sizeof(type);           \
    const int64_t src_bytes = (int64_t)sizeof(from_t);                         \
    const char *index = row->index, *src = row->src;                           \
    char* out = row->out;                                                      \
    const int64_t index_step = row->index_step, src_step = row->src_step;      \
    const int64_t out_step = row->out_step, stride = row->out_stride;          \
    const bool wide = row->index_bytes == 8;                                   \
    const bool along = out_step == 0 && stride == bytes;                       \
    const bool dense = src_step == src_bytes || src_step == 0;                 \
    const from_t* values = (const from_t*)(const void*)src;                    \
    if (row->index_bytes == 2) {                                               \
      const uint16_t* places = (const uint16_t*)(const void*)index;            \
      const int64_t each = src_step / src_bytes, rows = row->rows;             \
      const int64_t out_row = row->out_row, src_row = row->src_row;            \
      for (int64_t r = 0; r < rows; ++r, places += count, out += out_row) {    \
        int64_t i = 0;                                                         \
        values = (const from_t*)(const void*)(src + r * src_row);              \
        for (; i + 4 <= count; i += 4, values += 4 * each) {                   \
          uint64_t four;                                                       \
          memcpy(&four, places + i, sizeof(four));                             \
          STEP_TO(type, from_t, four & 0xffff, values[0], STEP)                \
          STEP_TO(type, from_t, four >> 16 & 0xffff, values[each], STEP)       \
          STEP_TO(type, from_t, four >> 32 & 0xffff, values[2 * each], STEP)   \
          STEP_TO(type, from_t, four >> 48, values[3 * each], STEP)            \
        }                                                                      \
        for (; i < count; ++i, values += each) {                               \
          STEP_TO(type, from_t, places[i], *values, STEP)                      \
        }                                                                      \
      }                                                                        \
    } else if (along && wide && index_step == 8 && dense) {                    \
      const int64_t* places = (const int64_t*)(const void*)index;              \
      for (int64_t i = 0; i < count; ++i, values += src_step != 0) {           \
        STEP_TO(type, from_t, places[i], *values, STEP)                        \
      }                                                                        \
    } else if (wide) {                                                         \
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

#define REDUCE(name, type, math)                                  \
  ROW(sum_##name, type, *to = (type)((math)*to + (math)from))     \
  ROW(product_##name, type, *to = (type)((math)*to * (math)from)) \
  ROW(max_##name, type, *to = pt2__larger_##name(*to, from))      \
  ROW(min_##name, type, *to = pt2__smaller_##name(*to, from))

// Integers wrap around, which in C only unsigned ones may do.
#define REDUCE_INTEGERS(name, type, math)                       \
  static inline type pt2__larger_##name(type old, type from) {  \
    return from > old ? from : old;                             \
  }                                                             \
  static inline type pt2__smaller_##name(type old, type from) { \
    return from < old ? from : old;                             \
  }                                                             \
  REDUCE(name, type, math)
REDUCE_INTEGERS(u8, uint8_t, uint32_t)
REDUCE_INTEGERS(i8, int8_t, uint32_t)
REDUCE_INTEGERS(i16, int16_t, uint32_t)
REDUCE_INTEGERS(i32, int32_t, uint32_t)
REDUCE_INTEGERS(i64, int64_t, uint64_t)
REDUCE(f32, float, float)
REDUCE(f64, double, double)
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
  const pt2_tensor_t* self;  // copied to |out| first; NULL: |out| has it
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
      .index_bytes = pt2_dtype_size_bytes(index->dtype),
      .index = index->data,
      .out = out->data,
      .out_stride = out->rank > 0 ? out->strides[walk->dim] * bytes : bytes,
      .src = src != NULL ? src->data : walk->value,
      .count = 1,
      .rows = 1};
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

static bool same_rows(const pt2_tensor_t* a, const pt2_tensor_t* b) {
  bool same = a->rank == b->rank && pt2__tensor_is_contiguous(a);
  for (int32_t d = 0; same && d < a->rank - 1; ++d) {
    same = a->sizes[d] == b->sizes[d];
  }
  return same;
}

// Whether row after row of |index| in 16 bits belongs to row after row of |out|
// and |src|.
static bool has_rows(const pt2_tensor_t* out, const pt2_tensor_t* index,
                     const pt2_tensor_t* src) {
  return index->dtype == PT2_DTYPE_I16 && same_rows(out, index) &&
         (src == NULL || same_rows(src, index));
}

// Bytes of the result that are copied together, and found in the cache by what
// is added to them.
#define COPY_BYTES (32 * 1024)

// Rows |begin| to |end| of |has_rows|.
static void walk_rows(const walk_t* walk, int64_t begin, int64_t end) {
  const pt2_tensor_t *out = walk->out, *index = walk->index, *src = walk->src;
  const int64_t last = index->rank - 1, count = index->sizes[last];
  const int64_t bytes = (int64_t)pt2_dtype_size_bytes(out->dtype);
  const int64_t src_bytes =
      src != NULL ? (int64_t)pt2_dtype_size_bytes(src->dtype) : 0;
  row_t row = {
      .count = count,
      .index_bytes = 2,
      .out_stride = bytes,
      .src_step = src_bytes,
      .out_row = out->sizes[last] * bytes,
      .src_row = src != NULL ? src->sizes[last] * src_bytes : 0,
  };
  const int64_t whole = COPY_BYTES / row.out_row;
  const int64_t block = walk->self == NULL ? end - begin
                        : whole > 0        ? whole
                                           : 1;
  for (int64_t first = begin; first < end; first += block) {
    row.rows = end - first < block ? end - first : block;
    row.index = (const char*)index->data + first * count * 2;
    row.out = (char*)out->data + first * row.out_row;
    row.src = src != NULL ? (const char*)src->data + first * row.src_row
                          : walk->value;
    if (walk->self != NULL) {
      memcpy(row.out, (const char*)walk->self->data + first * row.out_row,
             (size_t)(row.rows * row.out_row));
    }
    walk->function(&row);
  }
}

// Threads share rows or the longest other dimension: what goes to one place is
// done by one thread, in order.
static void walk_all(const walk_t* walk) {
  const bool by_rows = has_rows(walk->out, walk->index, walk->src);
  int64_t split = -1;
  for (int64_t d = 0; d < walk->index->rank; ++d) {
    if (d != walk->dim &&
        (split < 0 || walk->index->sizes[d] > walk->index->sizes[split])) {
      split = d;
    }
  }
  const int64_t size = by_rows
                           ? walk->index->numel / walk->index->sizes[walk->dim]
                       : split >= 0 ? walk->index->sizes[split]
                                    : 1;
  int64_t threads = pt2__op_threads(walk->index->numel * 2);
  threads = threads < size ? threads : size;
#pragma omp parallel for num_threads((int)threads) if (threads > 1)
  for (int64_t t = 0; t < threads; ++t) {
    const int64_t begin = size * t / threads, end = size * (t + 1) / threads;
    if (by_rows) {
      walk_rows(walk, begin, end);
    } else {
      walk_part(walk, split, begin, end);
    }
  }
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
  const walk_t count = {.function = choose(PT2__SCATTER_SUM, counts->dtype),
                        .out = counts,
                        .dim = dim,
                        .index = index,
                        .value = one};
  walk_all(&count);
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

static void reduce(pt2__scatter_t kind, const walk_t* walk, bool include_self) {
  if (!include_self && kind != PT2__SCATTER_SET) {
    char neutral[16];
    set_neutral(kind, walk->out->dtype, neutral);
    const walk_t start = {.function = choose_set(walk->out->dtype),
                          .out = walk->out,
                          .dim = walk->dim,
                          .index = walk->index,
                          .value = neutral};
    walk_all(&start);
  }
  walk_all(walk);
}

// f16 and bf16: sums and products are taken in f32 and rounded at the end, as
// in torch.
static pt2_status_t reduce_low(pt2__scatter_t kind, const walk_t* walk,
                               bool include_self) {
  const pt2_tensor_t* src = walk->src;
  const bool as_is = src->dtype == PT2_DTYPE_BF16 &&
                     (kind == PT2__SCATTER_SUM || kind == PT2__SCATTER_MEAN);
  pt2_tensor_t *wide_out, *wide_src;
  PT2_TRY(pt2__tensor_to_contiguous(walk->out, PT2_DTYPE_F32, &wide_out));
  pt2_status_t status =
      as_is ? pt2__tensor_alias(src, &wide_src)
            : pt2__tensor_to_contiguous(src, PT2_DTYPE_F32, &wide_src);
  if (status == PT2_STATUS_OK) {
    walk_t wide = *walk;
    wide.function = as_is ? sum_bf16 : choose(kind, PT2_DTYPE_F32);
    wide.out = wide_out;
    wide.src = wide_src;
    reduce(kind, &wide, include_self);
    status = pt2__tensor_copy(walk->out, wide_out);
    pt2__tensor_release(wide_src);
  }
  pt2__tensor_release(wide_out);
  return status;
}

// Whether the kind's sums are taken in f32.
static bool is_low(pt2__scatter_t kind, int32_t dtype) {
  return (dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16) &&
         kind != PT2__SCATTER_SET;
}

static pt2_status_t write_out(pt2__scatter_t kind, const walk_t* walk,
                              bool include_self) {
  if (walk->index->numel == 0) {
    return PT2_STATUS_OK;
  }
  if (is_low(kind, walk->out->dtype)) {
    PT2_TRY(reduce_low(kind, walk, include_self));
  } else {
    reduce(kind, walk, include_self);
  }
  return kind == PT2__SCATTER_MEAN
             ? divide(walk->out, walk->dim, walk->index, include_self)
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

// Sizes whose indices have 15 bits.
#define SHORT_SIZE 32768

// Whether |index| is of rows that are worth the copy in 16 bits, a quarter of
// the memory that they are read from afterwards.
static bool has_short_rows(const pt2_tensor_t* out, int64_t dim,
                           const pt2_tensor_t* index) {
  const int64_t last = index->rank - 1;
  return index->dtype == PT2_DTYPE_I64 && last >= 0 && dim == last &&
         index->sizes[last] >= 8 && out->sizes[last] <= SHORT_SIZE &&
         out->strides[last] == 1 && pt2__tensor_is_contiguous(index);
}

// Copies |count| indices into 16 bits. False unless all are at least 0 and less
// than |size|; what was copied is then of no use.
static bool shorten(const int64_t* from, int64_t count, int64_t size,
                    int16_t* to) {
  uint64_t any = 0;
  int16_t most = 0;
  int64_t i = 0;
#if defined(__SSE2__)
  __m128i any_two = _mm_setzero_si128(), most_of = any_two;
  for (; i + 8 <= count; i += 8) {
    const __m128i* at = (const __m128i*)(const void*)(from + i);
    const __m128i a = _mm_loadu_si128(at), b = _mm_loadu_si128(at + 1);
    const __m128i c = _mm_loadu_si128(at + 2), d = _mm_loadu_si128(at + 3);
    any_two = _mm_or_si128(
        any_two, _mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d)));
    const __m128 low = _mm_shuffle_ps(_mm_castsi128_ps(a), _mm_castsi128_ps(b),
                                      _MM_SHUFFLE(2, 0, 2, 0));
    const __m128 high = _mm_shuffle_ps(_mm_castsi128_ps(c), _mm_castsi128_ps(d),
                                       _MM_SHUFFLE(2, 0, 2, 0));
    const __m128i all =
        _mm_packs_epi32(_mm_castps_si128(low), _mm_castps_si128(high));
    most_of = _mm_max_epi16(most_of, all);
    _mm_storeu_si128((__m128i*)(void*)(to + i), all);
  }
  uint64_t halves[2];
  int16_t eight[8];
  memcpy(halves, &any_two, sizeof(halves));
  memcpy(eight, &most_of, sizeof(eight));
  any = halves[0] | halves[1];
  for (int j = 0; j < 8; ++j) {
    most = eight[j] > most ? eight[j] : most;
  }
#endif
  for (; i < count; ++i) {
    any |= (uint64_t)from[i];
    to[i] = (int16_t)from[i];
    most = to[i] > most ? to[i] : most;
  }
  return any < SHORT_SIZE && most < size;
}

static bool shorten_all(const pt2_tensor_t* index, int64_t size,
                        pt2_tensor_t* places) {
  const int64_t count = index->numel;
  const int64_t threads = pt2__op_threads(count);
  bool good = true;
#pragma omp parallel for num_threads((int)threads) \
    reduction(&& : good) if (threads > 1)
  for (int64_t t = 0; t < threads; ++t) {
    const int64_t begin = count * t / threads, end = count * (t + 1) / threads;
    good = shorten((const int64_t*)index->data + begin, end - begin, size,
                   (int16_t*)places->data + begin) &&
           good;
  }
  return good;
}

// |index| as the walk takes it, apart from |out|, with every index checked.
static pt2_status_t read_indices(const pt2_tensor_t* out, int64_t dim,
                                 const pt2_tensor_t* index,
                                 pt2_tensor_t** out_places) {
  if (index->numel > 0 && has_short_rows(out, dim, index)) {
    pt2_tensor_t* places;
    PT2_TRY(pt2__tensor_empty(PT2_DTYPE_I16, index->rank, index->sizes, NULL,
                              &places));
    if (shorten_all(index, out->sizes[dim], places)) {
      *out_places = places;
      return PT2_STATUS_OK;
    }
    pt2__tensor_release(places);
  }
  PT2_TRY(pt2__scatter_check_indices(out, dim, index));
  return apart(index, out, out_places);
}

// Whether |self| is copied while |out|'s rows are walked, in a single walk.
static bool copies_by_rows(pt2__scatter_t kind, const walk_t* walk,
                           const pt2_tensor_t* self, bool include_self) {
  return (include_self || kind == PT2__SCATTER_SET) &&
         !is_low(kind, self->dtype) && pt2__tensor_is_contiguous(self) &&
         has_rows(walk->out, walk->index, walk->src) &&
         !pt2__op_memory_meets(self, walk->out);
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
  PT2_TRY(read_indices(out, dim, index, &places));
  pt2_status_t status = src != NULL ? apart(src, out, &read) : PT2_STATUS_OK;
  walk_t walk = {.function = function,
                 .out = out,
                 .dim = dim,
                 .index = places,
                 .src = read,
                 .value = value};
  if (status == PT2_STATUS_OK && !same_view(out, self)) {
    if (copies_by_rows(kind, &walk, self, include_self)) {
      walk.self = self;
    } else {
      status = pt2__tensor_copy(out, self);
    }
  }
  if (status == PT2_STATUS_OK) {
    status = write_out(kind, &walk, include_self);
  }
  pt2__tensor_release(read);
  pt2__tensor_release(places);
  return status;
}
