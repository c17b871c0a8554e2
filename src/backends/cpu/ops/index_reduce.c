// SPDX-License-Identifier: Apache-2.0
//
// aten::index_reduce. f16 and bf16 are rounded at each step, as in torch, and
// means are divided by counts of the dtype's own precision.
#include "ops/index_reduce.h"
#include "backends/cpu/kernels/elementwise/larger.h"
#include "base/complex_parts.h"

#include <complex.h>
#include <math.h>
#include <string.h>

#include "tensor/convert.h"

// The |count| first elements of slice index[i] of |to| op= those of slice i of
// |from|, for all |indices|; slices are |slice| elements apart.
typedef void (*reduce_fn)(void* to, const void* from, const int64_t* index,
                          int64_t indices, int64_t slice, int64_t count);
// to[i] /= divisor, an element.
typedef void (*divide_fn)(void* to, const void* divisor, int64_t count);

#define SAME(x) (x)
#define ROW(name, type, wide, LOAD, STORE, RESULT) \
  ROW_OR_ONE(name, type, wide, LOAD, STORE, RESULT, RESULT)
// |ONE| is the same for slices of one element.
#define ROW_OR_ONE(name, type, wide, LOAD, STORE, ONE, RESULT)       \
  static void name(void* to, const void* from, const int64_t* index, \
                   int64_t indices, int64_t slice, int64_t count) {  \
    if (slice == 1) {                                                \
      for (int64_t i = 0; i < indices; ++i) {                        \
        type* target = (type*)to + index[i];                         \
        wide a = LOAD(*target), b = LOAD(((const type*)from)[i]);    \
        *target = STORE(ONE);                                        \
      }                                                              \
      return;                                                        \
    }                                                                \
    for (int64_t i = 0; i < indices; ++i) {                          \
      type* target = (type*)to + index[i] * slice;                   \
      const type* source = (const type*)from + i * slice;            \
      for (int64_t j = 0; j < count; ++j) {                          \
        wide a = LOAD(target[j]), b = LOAD(source[j]);               \
        target[j] = STORE(RESULT);                                   \
      }                                                              \
    }                                                                \
  }

// NaN is unequal to itself, integers are not.
#define ROWS(suffix, type)                                                     \
  ROW(add_##suffix, type, type, SAME, SAME, a + b)                             \
  ROW(multiply_##suffix, type, type, SAME, SAME, a* b)                         \
  ROW_OR_ONE(max_##suffix, type, type, SAME, SAME, pt2__larger_##suffix(a, b), \
             ((a < b) | (b != b)) ? b : a)                                     \
  ROW_OR_ONE(min_##suffix, type, type, SAME, SAME,                             \
             pt2__smaller_##suffix(a, b), ((b < a) | (b != b)) ? b : a)

// Sums and products of integers wrap around, which in C only unsigned ones may.
#define INTEGER_ROWS(suffix, type, wide)                   \
  ROW(multiply_##suffix, type, wide, (wide), (type), a* b) \
  ROW(max_##suffix, type, type, SAME, SAME, a < b ? b : a) \
  ROW(min_##suffix, type, type, SAME, SAME, b < a ? b : a)

#define SUMMED_ROWS(suffix, type, wide)                \
  ROW(add_##suffix, type, wide, (wide), (type), a + b) \
  INTEGER_ROWS(suffix, type, wide)

SUMMED_ROWS(u8, uint8_t, uint32_t)
SUMMED_ROWS(i8, int8_t, uint32_t)
SUMMED_ROWS(i16, int16_t, uint32_t)
SUMMED_ROWS(i32, int32_t, uint32_t)
SUMMED_ROWS(i64, int64_t, uint64_t)
INTEGER_ROWS(u16, uint16_t, uint32_t)
INTEGER_ROWS(u32, uint32_t, uint32_t)
INTEGER_ROWS(u64, uint64_t, uint64_t)

// Whether b takes a's place as the larger one, of f16 or bf16 with these bits
// of infinity: the magnitudes of negative ones turned round are in the order of
// integers.
#define ORDERED(x) ((int16_t)((x) ^ (((int16_t)(x) >> 15) & 0x7fff)))
#define IS_NAN(x, infinity) (((x)&0x7fff) > (infinity))
#define BEATS(a, b, infinity, IS_BEFORE)                       \
  (IS_NAN(b, infinity) |                                       \
   (!IS_NAN(a, infinity) & (ORDERED(a) IS_BEFORE ORDERED(b)) & \
    ((((a) | (b)) & 0x7fff) != 0)))

#define LOW_SCALARS(suffix, infinity, LOAD, STORE)               \
  ROW(add_one_##suffix, uint16_t, float, LOAD, STORE, a + b)     \
  ROW(multiply_one_##suffix, uint16_t, float, LOAD, STORE, a* b) \
  ROW(max_##suffix, uint16_t, uint16_t, SAME, SAME,              \
      BEATS(a, b, infinity, <) ? b : a)                          \
  ROW(min_##suffix, uint16_t, uint16_t, SAME, SAME,              \
      BEATS(a, b, infinity, >) ? b : a)

LOW_SCALARS(f16, 0x7c00, pt2__f16_to_f32, pt2__f32_to_f16)
LOW_SCALARS(bf16, 0x7f80, pt2__bf16_to_f32, pt2__f32_to_bf16)
// Elements that are converted at once.
#define BLOCK 256

// Longer slices of f16 and bf16, a block at a time.
#define LOW_ROW(name, one, dtype, RESULT)                                     \
  static void name(void* to, const void* from, const int64_t* index,          \
                   int64_t indices, int64_t slice, int64_t count) {           \
    if (slice < 8) {                                                          \
      one(to, from, index, indices, slice, count);                            \
      return;                                                                 \
    }                                                                         \
    float first[BLOCK], second[BLOCK];                                        \
    for (int64_t i = 0; i < indices; ++i) {                                   \
      uint16_t* target = (uint16_t*)to + index[i] * slice;                    \
      const uint16_t* source = (const uint16_t*)from + i * slice;             \
      for (int64_t at = 0; at < count; at += BLOCK) {                         \
        int64_t n = count - at < BLOCK ? count - at : BLOCK;                  \
        pt2__convert_run(PT2_DTYPE_F32, first, 4, dtype, target + at, 2, n);  \
        pt2__convert_run(PT2_DTYPE_F32, second, 4, dtype, source + at, 2, n); \
        for (int64_t j = 0; j < n; ++j) {                                     \
          float a = first[j], b = second[j];                                  \
          first[j] = RESULT;                                                  \
        }                                                                     \
        pt2__convert_run(dtype, target + at, 2, PT2_DTYPE_F32, first, 4, n);  \
      }                                                                       \
    }                                                                         \
  }

#define LOW_ROWS(suffix, dtype)                         \
  LOW_ROW(add_##suffix, add_one_##suffix, dtype, a + b) \
  LOW_ROW(multiply_##suffix, multiply_one_##suffix, dtype, a* b)

LOW_ROWS(f16, PT2_DTYPE_F16)
LOW_ROWS(bf16, PT2_DTYPE_BF16)
ROWS(f32, float)
ROWS(f64, double)
ROW(add_c64, float complex, float complex, SAME, SAME, a + b)
ROW(add_c128, double complex, double complex, SAME, SAME, a + b)

// Without C's detour for infinities, which torch does not take.
ROW(multiply_c64, float complex, float complex, SAME, (float complex),
    pt2__complex_f32(crealf(a) * crealf(b) - cimagf(a) * cimagf(b),
                     crealf(a) * cimagf(b) + cimagf(a) * crealf(b)))
ROW(multiply_c128, double complex, double complex, SAME, SAME,
    pt2__complex_f64(creal(a) * creal(b) - cimag(a) * cimag(b),
                     creal(a) * cimag(b) + cimag(a) * creal(b)))

#define DIVIDE(name, type, wide, LOAD, STORE, RESULT)              \
  static void name(void* to, const void* divisor, int64_t count) { \
    type* target = to;                                             \
    wide b = LOAD(*(const type*)divisor);                          \
    for (int64_t i = 0; i < count; ++i) {                          \
      wide a = LOAD(target[i]);                                    \
      target[i] = STORE(RESULT);                                   \
    }                                                              \
  }

// Rounds down; counts that wrapped around may be negative.
#define FLOOR_QUOTIENT (a / b - (a % b != 0 && (a < 0) != (b < 0)))
DIVIDE(divide_u8, uint8_t, int64_t, SAME, (uint8_t), FLOOR_QUOTIENT)
DIVIDE(divide_i8, int8_t, int64_t, SAME, (int8_t), FLOOR_QUOTIENT)
DIVIDE(divide_i16, int16_t, int64_t, SAME, (int16_t), FLOOR_QUOTIENT)
DIVIDE(divide_i32, int32_t, int64_t, SAME, (int32_t), FLOOR_QUOTIENT)
DIVIDE(divide_i64, int64_t, int64_t, SAME, SAME, FLOOR_QUOTIENT)

#define LOW_DIVIDE(name, dtype, LOAD)                               \
  static void name(void* to, const void* divisor, int64_t count) {  \
    float b = LOAD(*(const uint16_t*)divisor), row[BLOCK];          \
    for (int64_t at = 0; at < count; at += BLOCK) {                 \
      int64_t n = count - at < BLOCK ? count - at : BLOCK;          \
      uint16_t* target = (uint16_t*)to + at;                        \
      pt2__convert_run(PT2_DTYPE_F32, row, 4, dtype, target, 2, n); \
      for (int64_t j = 0; j < n; ++j) {                             \
        row[j] /= b;                                                \
      }                                                             \
      pt2__convert_run(dtype, target, 2, PT2_DTYPE_F32, row, 4, n); \
    }                                                               \
  }
LOW_DIVIDE(divide_f16, PT2_DTYPE_F16, pt2__f16_to_f32)
LOW_DIVIDE(divide_bf16, PT2_DTYPE_BF16, pt2__bf16_to_f32)
DIVIDE(divide_f32, float, float, SAME, SAME, a / b)
DIVIDE(divide_f64, double, double, SAME, SAME, a / b)
DIVIDE(divide_c64, float complex, float complex, SAME, SAME, a / crealf(b))
DIVIDE(divide_c128, double complex, double complex, SAME, SAME, a / creal(b))

typedef struct {
  int32_t dtype;
  // 1: where self does not count there must be an order and a 0, which torch
  // wants of the common dtypes only.
  bool common;
  reduce_fn add, multiply, max, min;
  divide_fn divide;
} functions_t;

static const functions_t table[] = {
    {PT2_DTYPE_U8, true, add_u8, multiply_u8, max_u8, min_u8, divide_u8},
    {PT2_DTYPE_I8, true, add_i8, multiply_i8, max_i8, min_i8, divide_i8},
    {PT2_DTYPE_I16, true, add_i16, multiply_i16, max_i16, min_i16, divide_i16},
    {PT2_DTYPE_I32, true, add_i32, multiply_i32, max_i32, min_i32, divide_i32},
    {PT2_DTYPE_I64, true, add_i64, multiply_i64, max_i64, min_i64, divide_i64},
    {PT2_DTYPE_F16, true, add_f16, multiply_f16, max_f16, min_f16, divide_f16},
    {PT2_DTYPE_BF16, true, add_bf16, multiply_bf16, max_bf16, min_bf16,
     divide_bf16},
    {PT2_DTYPE_F32, true, add_f32, multiply_f32, max_f32, min_f32, divide_f32},
    {PT2_DTYPE_F64, true, add_f64, multiply_f64, max_f64, min_f64, divide_f64},
    {PT2_DTYPE_BOOL, false, NULL, min_u8, max_u8, min_u8, NULL},
    {PT2_DTYPE_U16, false, NULL, multiply_u16, max_u16, min_u16, NULL},
    {PT2_DTYPE_U32, false, NULL, multiply_u32, max_u32, min_u32, NULL},
    {PT2_DTYPE_U64, false, NULL, multiply_u64, max_u64, min_u64, NULL},
    {PT2_DTYPE_COMPLEX64, false, add_c64, multiply_c64, NULL, NULL, divide_c64},
    {PT2_DTYPE_COMPLEX128, false, add_c128, multiply_c128, NULL, NULL,
     divide_c128},
};

static pt2_status_t choose(pt2__scatter_t kind, int32_t dtype, int64_t rank,
                           bool include_self, reduce_fn* out_reduce,
                           divide_fn* out_divide) {
  const functions_t* found = NULL;
  for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); ++i) {
    found = table[i].dtype == dtype ? &table[i] : found;
  }
  *out_reduce = NULL;
  if (found != NULL && (found->common || (rank > 1 && include_self))) {
    *out_reduce = kind == PT2__SCATTER_MEAN      ? found->add
                  : kind == PT2__SCATTER_PRODUCT ? found->multiply
                  : kind == PT2__SCATTER_MAX     ? found->max
                                                 : found->min;
    *out_divide = found->divide;
  }
  PT2_OP_CHECK(*out_reduce != NULL, "\"index_func_\" not implemented for '%s'",
               pt2__dtype_torch_name(dtype));
  return PT2_STATUS_OK;
}

// ---- The walk --------------------------------------------------------------

typedef struct {
  pt2__scatter_t kind;
  reduce_fn reduce;
  divide_fn divide;
  int32_t dtype;
  bool include_self;
  int64_t bytes;   // of an element
  int64_t outer;   // slices before the dimension
  int64_t length;  // of the dimension
  int64_t inner;   // elements behind it
  const int64_t* index;
  int64_t count;
} reduce_t;

// What a reduction starts from when self does not count.
static void set_neutral(const reduce_t* run, char* element) {
  bool most = run->kind == PT2__SCATTER_MIN;
  bool extreme = most || run->kind == PT2__SCATTER_MAX;
  if (!extreme) {
    pt2__element_set_f64(run->dtype, element,
                         run->kind == PT2__SCATTER_PRODUCT);
  } else if (pt2__dtype_is_floating(run->dtype)) {
    pt2__element_set_f64(run->dtype, element, most ? INFINITY : -INFINITY);
  } else {
    bool has_sign = run->dtype != PT2_DTYPE_U8;
    uint64_t all = UINT64_MAX >> (64 - 8 * run->bytes);
    int64_t high = (int64_t)(has_sign ? all >> 1 : all);
    int64_t low = has_sign ? -high - 1 : 0;
    pt2__element_set_i64(run->dtype, element, most ? high : low);
  }
}

// Sets the slices that will be written to |element|.
static void clear(const reduce_t* run, char* result, const char* element) {
  for (int64_t o = 0; o < run->outer; ++o) {
    for (int64_t i = 0; i < run->count; ++i) {
      char* to =
          result + (o * run->length + run->index[i]) * run->inner * run->bytes;
      for (int64_t j = 0; j < run->inner; ++j) {
        memcpy(to + j * run->bytes, element, (size_t)run->bytes);
      }
    }
  }
}

static void reduce_all(const reduce_t* run, char* result, const char* source) {
  int64_t slice = run->inner * run->bytes;
  int threads = pt2__op_threads(run->outer * run->count * run->inner);
  // Each thread has some of the elements behind the dimension, where there is
  // nothing before it.
  int64_t parts = run->outer >= threads ? 1 : threads;
  int64_t tasks = run->outer * parts;
#pragma omp parallel for num_threads(threads) if (threads > 1)
  for (int64_t t = 0; t < tasks; ++t) {
    int64_t o = t / parts, part = t % parts;
    int64_t first = run->inner * part / parts;
    int64_t count = run->inner * (part + 1) / parts - first;
    char* to = result + o * run->length * slice + first * run->bytes;
    const char* from = source + o * run->count * slice + first * run->bytes;
    run->reduce(to, from, run->index, run->count, run->inner, count);
  }
}

// Divides by how many came to each place, counted in the dtype: f16 stops at
// 2048, bytes wrap around.
static pt2_status_t divide(const reduce_t* run, char* result) {
  size_t bytes = (size_t)(run->length * run->bytes);
  char* counts = pt2__pool_alloc(bytes);
  if (counts == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  char zero[16] = {0}, one[16] = {0};
  pt2__element_set_f64(run->dtype, one, 1);
  for (int64_t i = 0; i < run->length; ++i) {
    memcpy(counts + i * run->bytes, run->include_self ? one : zero,
           (size_t)run->bytes);
  }
  for (int64_t i = 0; i < run->count; ++i) {
    run->reduce(counts, one, &run->index[i], 1, 1, 1);
  }
  for (int64_t i = 0; i < run->length; ++i) {
    char* count = counts + i * run->bytes;
    if (memcmp(count, zero, (size_t)run->bytes) == 0) {
      continue;
    }
    for (int64_t o = 0; o < run->outer; ++o) {
      run->divide(result + (o * run->length + i) * run->inner * run->bytes,
                  count, run->inner);
    }
  }
  pt2__pool_free(counts, bytes);
  return PT2_STATUS_OK;
}

static pt2_status_t reduce_into(reduce_t* run, const pt2_tensor_t* source,
                                pt2_tensor_t* result) {
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_contiguous(source, &dense));
  if (!run->include_self) {
    char neutral[16] = {0};
    set_neutral(run, neutral);
    clear(run, result->data, neutral);
  }
  reduce_all(run, result->data, dense->data);
  pt2__tensor_release(dense);
  return run->kind == PT2__SCATTER_MEAN ? divide(run, result->data)
                                        : PT2_STATUS_OK;
}

static pt2_status_t with_index(reduce_t* run, const pt2_tensor_t* self,
                               int64_t dim, const pt2_tensor_t* index,
                               const pt2_tensor_t* source,
                               pt2_tensor_t* result) {
  if (source->numel == 0 || self->numel == 0) {
    return PT2_STATUS_OK;
  }
  run->dtype = self->dtype;
  run->bytes = (int64_t)pt2_dtype_size_bytes(self->dtype);
  run->outer = run->inner = run->length = 1;
  for (int64_t d = 0; d < self->rank; ++d) {
    int64_t* product = d < dim    ? &run->outer
                       : d == dim ? &run->length
                                  : &run->inner;
    *product *= self->sizes[d];
  }
  pt2_tensor_t* places;
  PT2_TRY(pt2__tensor_to_contiguous(index, PT2_DTYPE_I64, &places));
  run->index = places->data;
  run->count = places->numel;
  pt2_status_t status = reduce_into(run, source, result);
  pt2__tensor_release(places);
  return status;
}

static pt2_status_t index_reduce(const pt2_tensor_t* self, int64_t dim,
                                 const pt2_tensor_t* index,
                                 const pt2_tensor_t* source, const char* reduce,
                                 bool include_self, AtenTensorHandle* ret0) {
  reduce_t run = {.include_self = include_self};
  PT2_TRY(pt2__index_reduce_parse(reduce, &run.kind));
  PT2_TRY(pt2__index_reduce_check(self, &dim, index, source));
  PT2_TRY(choose(run.kind, self->dtype, self->rank, include_self, &run.reduce,
                 &run.divide));
  pt2_tensor_t* result;
  PT2_TRY(
      pt2__tensor_empty(self->dtype, self->rank, self->sizes, NULL, &result));
  pt2_status_t status = pt2__tensor_copy(result, self);
  if (status == PT2_STATUS_OK) {
    status = with_index(&run, self, dim, index, source, result);
  }
  if (status == PT2_STATUS_OK) {
    *ret0 = result;
  } else {
    pt2__tensor_release(result);
  }
  return status;
}

AOTITorchError aoti_torch_cpu_index_reduce(AtenTensorHandle self, int64_t dim,
                                           AtenTensorHandle index,
                                           AtenTensorHandle source,
                                           const char* reduce,
                                           int32_t include_self,
                                           AtenTensorHandle* ret0) {
  PT2_OP_RETURN(
      "aten::index_reduce",
      index_reduce(self, dim, index, source, reduce, include_self != 0, ret0));
}
