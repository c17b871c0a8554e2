// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/scatter.h"

#include <math.h>
#include <string.h>

#include "ops/index.h"

// One row of the walk over |index|: element i goes to
// out + i * out_step + index[i] * out_stride. Steps are in bytes.
typedef struct {
  pt2__scatter_t kind;
  int64_t count;
  int64_t bytes;
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

static inline char* place(const row_t* row, int64_t i) {
  const char* at = row->index + i * row->index_step;
  int64_t index =
      row->wide ? *(const int64_t*)at : (int64_t) * (const int32_t*)at;
  return row->out + i * row->out_step + index * row->out_stride;
}

// The row is copied: a store of a 64-bit element might change the original.
static void set_row(const row_t* row) {
  const row_t own = *row;
#define SET(type)                                                        \
  for (int64_t i = 0; i < own.count; ++i) {                              \
    *(type*)place(&own, i) = *(const type*)(own.src + i * own.src_step); \
  }                                                                      \
  break
  switch (own.bytes) {
    case 1:
      SET(uint8_t);
    case 2:
      SET(uint16_t);
    case 4:
      SET(uint32_t);
    case 8:
      SET(uint64_t);
    default:
      for (int64_t i = 0; i < own.count; ++i) {
        memcpy(place(&own, i), own.src + i * own.src_step, (size_t)own.bytes);
      }
      break;
  }
#undef SET
}

#define NEVER(x) 0
#define REDUCE(name, type, math, NAN_OF)                              \
  static void name(const row_t* row) {                                \
    for (int64_t i = 0; i < row->count; ++i) {                        \
      type* to = (type*)place(row, i);                                \
      type a = *to, b = *(const type*)(row->src + i * row->src_step); \
      switch (row->kind) {                                            \
        case PT2__SCATTER_SUM:                                        \
        case PT2__SCATTER_MEAN:                                       \
          a = (type)((math)a + (math)b);                              \
          break;                                                      \
        case PT2__SCATTER_PRODUCT:                                    \
          a = (type)((math)a * (math)b);                              \
          break;                                                      \
        case PT2__SCATTER_MAX:                                        \
          a = NAN_OF(b) || a < b ? b : a;                             \
          break;                                                      \
        default:                                                      \
          a = NAN_OF(b) || b < a ? b : a;                             \
          break;                                                      \
      }                                                               \
      *to = a;                                                        \
    }                                                                 \
  }

// Integers wrap around, which in C only unsigned ones may do.
REDUCE(reduce_u8, uint8_t, uint32_t, NEVER)
REDUCE(reduce_i8, int8_t, uint32_t, NEVER)
REDUCE(reduce_i16, int16_t, uint32_t, NEVER)
REDUCE(reduce_i32, int32_t, uint32_t, NEVER)
REDUCE(reduce_i64, int64_t, uint64_t, NEVER)
REDUCE(reduce_f32, float, float, isnan)
REDUCE(reduce_f64, double, double, isnan)

static void reduce_bool(const row_t* row) {
  bool any = row->kind == PT2__SCATTER_SUM || row->kind == PT2__SCATTER_MAX;
  for (int64_t i = 0; i < row->count; ++i) {
    bool* to = (bool*)place(row, i);
    bool b = *(const bool*)(row->src + i * row->src_step);
    *to = any ? (*to || b) : (*to && b);
  }
}

// Sums and products only: complex numbers have no order.
#define EACH_COMPLEX(part, result)                                        \
  for (int64_t i = 0; i < own.count; ++i) {                               \
    part _Complex* to = (part _Complex*)(void*)place(&own, i);            \
    const part _Complex b =                                               \
        *(const part _Complex*)(const void*)(own.src + i * own.src_step); \
    *to = (result);                                                       \
  }
#define REDUCE_COMPLEX(name, part)          \
  static void name(const row_t* row) {      \
    const row_t own = *row;                 \
    if (own.kind == PT2__SCATTER_PRODUCT) { \
      EACH_COMPLEX(part, *to* b)            \
    } else {                                \
      EACH_COMPLEX(part, *to + b)           \
    }                                       \
  }
REDUCE_COMPLEX(reduce_c64, float)
REDUCE_COMPLEX(reduce_c128, double)

static row_fn choose(pt2__scatter_t kind, int32_t dtype) {
  if (kind == PT2__SCATTER_SET) {
    return set_row;
  }
  bool adds = kind == PT2__SCATTER_SUM || kind == PT2__SCATTER_PRODUCT;
  switch (dtype) {
    case PT2_DTYPE_COMPLEX64:
      return adds ? reduce_c64 : NULL;
    case PT2_DTYPE_COMPLEX128:
      return adds ? reduce_c128 : NULL;
    case PT2_DTYPE_BOOL:
      return kind == PT2__SCATTER_MEAN ? NULL : reduce_bool;
    case PT2_DTYPE_U8:
      return reduce_u8;
    case PT2_DTYPE_I8:
      return reduce_i8;
    case PT2_DTYPE_I16:
      return reduce_i16;
    case PT2_DTYPE_I32:
      return reduce_i32;
    case PT2_DTYPE_I64:
      return reduce_i64;
    case PT2_DTYPE_F16:
    case PT2_DTYPE_BF16:
    case PT2_DTYPE_F32:
      return reduce_f32;
    case PT2_DTYPE_F64:
      return reduce_f64;
    default:
      return NULL;
  }
}

// Runs |function| over |index|. |src| NULL: one element, |value|, for all.
static void walk(row_fn function, pt2__scatter_t kind, pt2_tensor_t* out,
                 int64_t dim, const pt2_tensor_t* index,
                 const pt2_tensor_t* src, const void* value) {
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(out->dtype);
  int64_t index_bytes = (int64_t)pt2_dtype_size_bytes(index->dtype);
  int64_t rank = index->rank;
  int64_t out_stride = out->rank > 0 ? out->strides[dim] * bytes : bytes;
  row_t row = {.kind = kind,
               .bytes = bytes,
               .wide = index->dtype == PT2_DTYPE_I64,
               .index = index->data,
               .out = out->data,
               .out_stride = out_stride,
               .src = src != NULL ? src->data : value,
               .count = 1};
  int64_t out_steps[PT2__MAX_RANK], src_steps[PT2__MAX_RANK];
  for (int64_t d = 0; d < rank; ++d) {
    out_steps[d] = d == dim || out->rank == 0 ? 0 : out->strides[d] * bytes;
    src_steps[d] = src == NULL || src->rank == 0 ? 0 : src->strides[d] * bytes;
  }
  int64_t last = rank - 1;
  if (rank > 0) {
    row.count = index->sizes[last];
    row.index_step = index->strides[last] * index_bytes;
    row.out_step = out_steps[last];
    row.src_step = src_steps[last];
  }
  int64_t position[PT2__MAX_RANK] = {0};
  for (;;) {
    function(&row);
    int64_t d = last - 1;
    for (; d >= 0; --d) {
      row.index += index->strides[d] * index_bytes;
      row.out += out_steps[d];
      row.src += src_steps[d];
      if (++position[d] < index->sizes[d]) {
        break;
      }
      row.index -= index->strides[d] * index_bytes * index->sizes[d];
      row.out -= out_steps[d] * index->sizes[d];
      row.src -= src_steps[d] * index->sizes[d];
      position[d] = 0;
    }
    if (d < 0) {
      return;
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

static int64_t floor_divide(int64_t a, int64_t b) {
  int64_t quotient = a / b;
  return quotient - (a % b != 0 && (a < 0) != (b < 0));
}

// Divides what was summed by how many came to each place.
static pt2_status_t divide(pt2_tensor_t* out, int64_t dim,
                           const pt2_tensor_t* index, bool include_self) {
  pt2_tensor_t* counts;
  PT2_TRY(
      pt2__tensor_empty(PT2_DTYPE_I64, out->rank, out->sizes, NULL, &counts));
  int64_t* values = counts->data;
  for (int64_t i = 0; i < counts->numel; ++i) {
    values[i] = include_self;
  }
  const int64_t one = 1;
  walk(reduce_i64, PT2__SCATTER_SUM, counts, dim, index, NULL, &one);
  int64_t bytes = (int64_t)pt2_dtype_size_bytes(out->dtype);
  bool floating = pt2__dtype_is_floating(out->dtype);
  int64_t position[PT2__MAX_RANK] = {0};
  char* at = out->data;
  for (int64_t i = 0; i < counts->numel; ++i) {
    int64_t count = values[i] > 0 ? values[i] : 1;
    if (count > 1 && floating) {
      pt2__element_set_f64(
          out->dtype, at, pt2__element_get_f64(out->dtype, at) / (double)count);
    } else if (count > 1) {
      pt2__element_set_i64(
          out->dtype, at,
          floor_divide(pt2__element_get_i64(out->dtype, at), count));
    }
    for (int64_t d = out->rank - 1; d >= 0; --d) {
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
    walk(set_row, PT2__SCATTER_SET, out, dim, index, NULL, neutral);
  }
  walk(function, kind, out, dim, index, src, value);
}

// f16 and bf16: sums and products are taken in f32 and rounded at the end, as
// in torch.
static pt2_status_t reduce_low(pt2__scatter_t kind, pt2_tensor_t* out,
                               int64_t dim, const pt2_tensor_t* index,
                               const pt2_tensor_t* src, bool include_self) {
  pt2_tensor_t *wide_out, *wide_src;
  PT2_TRY(pt2__tensor_to_contiguous(out, PT2_DTYPE_F32, &wide_out));
  pt2_status_t status =
      pt2__tensor_to_contiguous(src, PT2_DTYPE_F32, &wide_src);
  if (status == PT2_STATUS_OK) {
    reduce(kind, reduce_f32, wide_out, dim, index, wide_src, NULL,
           include_self);
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
