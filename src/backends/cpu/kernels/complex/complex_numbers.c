// SPDX-License-Identifier: Apache-2.0
#include "backends/cpu/kernels/complex/complex_numbers.h"

#include <math.h>
#include <string.h>

#include "backends/cpu/kernels/reduce/sums.h"
#include "ops/reduce_dim.h"

pt2_status_t pt2__complex_check(int32_t dtype, bool halves) {
  if (dtype != PT2_DTYPE_COMPLEX64 && dtype != PT2_DTYPE_COMPLEX128 &&
      !(halves && dtype == PT2_DTYPE_COMPLEX32)) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "not implemented for '%s' by name, only for %scomplex64 "
                    "and complex128",
                    pt2__dtype_torch_name(dtype), halves ? "complex32, " : "");
  }
  return PT2_STATUS_OK;
}

static pt2__elementwise_kernel_t kernel_of(const pt2__complex_loops_t* loops,
                                           const void* context, int32_t dtype,
                                           int32_t result_dtype) {
  const int32_t computed = pt2__elementwise_compute_dtype(dtype);
  return (pt2__elementwise_kernel_t){
      .loop = dtype == PT2_DTYPE_COMPLEX128 ? loops->wide : loops->narrow,
      .context = context,
      .input_dtype = computed,
      .result_dtype = result_dtype == dtype ? computed : result_dtype,
      .work = loops->work,
  };
}

static pt2_status_t unary(const pt2_tensor_t* self,
                          const pt2__complex_loops_t* loops, bool tests,
                          pt2_tensor_t** out_result) {
  PT2_TRY(pt2__complex_check(self->dtype, loops->halves));
  int32_t result_dtype = tests ? PT2_DTYPE_BOOL : self->dtype;
  const pt2__elementwise_kernel_t kernel =
      kernel_of(loops, NULL, self->dtype, result_dtype);
  const pt2_tensor_t* const inputs[] = {self};
  return pt2__elementwise_new(&kernel, inputs, 1, self->dtype, result_dtype,
                              out_result);
}

pt2_status_t pt2__complex_unary(const pt2__boxed_t* boxed,
                                const pt2__complex_loops_t* loops,
                                pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  return unary(self, loops, false, out_result);
}

pt2_status_t pt2__complex_unary_of(const pt2_tensor_t* self,
                                   const pt2__complex_loops_t* loops,
                                   pt2_tensor_t** out_result) {
  return unary(self, loops, false, out_result);
}

pt2_status_t pt2__complex_predicate(const pt2__boxed_t* boxed,
                                    const pt2__complex_loops_t* loops,
                                    pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  return unary(self, loops, true, out_result);
}

static pt2_status_t of_two(const pt2_tensor_t* a, const pt2_tensor_t* b,
                           int32_t dtype, bool compares,
                           const pt2__complex_loops_t* loops,
                           const void* context, pt2_tensor_t** out_result) {
  PT2_TRY(pt2__complex_check(dtype, loops->halves));
  const pt2_tensor_t* const inputs[] = {a, b};
  int32_t result_dtype = compares ? PT2_DTYPE_BOOL : dtype;
  const pt2__elementwise_kernel_t kernel =
      kernel_of(loops, context, dtype, result_dtype);
  return pt2__elementwise_new(&kernel, inputs, 2, dtype, result_dtype,
                              out_result);
}

pt2_status_t pt2__complex_binary(const pt2_tensor_t* a, const pt2_tensor_t* b,
                                 bool compares,
                                 const pt2__complex_loops_t* loops,
                                 const void* context,
                                 pt2_tensor_t** out_result) {
  const pt2_tensor_t* const inputs[] = {a, b};
  int32_t dtype;
  PT2_TRY(pt2__elementwise_promote(inputs, 2, &dtype));
  return of_two(a, b, dtype, compares, loops, context, out_result);
}

pt2_status_t pt2__complex_comparison(const pt2__boxed_t* boxed,
                                     const pt2__complex_loops_t* loops,
                                     pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *other;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "other", &other));
  return pt2__complex_binary(self, other, true, loops, NULL, out_result);
}

pt2_status_t pt2__complex_number(const pt2__boxed_t* boxed, size_t at,
                                 const char* name, pt2__promotion_t* promotion,
                                 pt2_tensor_t** out_tensor) {
  double parts[2] = {0, 0};
  int32_t dtype = PT2_DTYPE_UNDEFINED;
  PT2_TRY(pt2__boxed_scalar(boxed, at, name, parts, &dtype));
  PT2_OP_CHECK(dtype != PT2_DTYPE_UNDEFINED,
               "argument %s: expected a number, got nothing", name);
  PT2_TRY(pt2__promotion_add_number(promotion, dtype));
  if (dtype == PT2_DTYPE_I64) {
    // Beyond 2^53 a double does not hold all of them.
    int64_t integer = 0;
    PT2_TRY(pt2__boxed_int(boxed, at, name, &integer));
    PT2_TRY(pt2__tensor_empty(PT2_DTYPE_I64, 0, NULL, NULL, out_tensor));
    memcpy((*out_tensor)->data, &integer, sizeof(integer));
    return PT2_STATUS_OK;
  }
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_COMPLEX128, 0, NULL, NULL, out_tensor));
  memcpy((*out_tensor)->data, parts, sizeof(parts));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__complex_with_scalar(const pt2__boxed_t* boxed,
                                      const char* name, bool compares,
                                      const pt2__complex_loops_t* loops,
                                      pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *number;
  pt2__promotion_t promotion = PT2__PROMOTION_NONE;
  int32_t dtype;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__promotion_add(&promotion, self));
  PT2_TRY(pt2__complex_number(boxed, 1, name, &promotion, &number));
  pt2_status_t status = pt2__promotion_result(&promotion, &dtype);
  if (status == PT2_STATUS_OK) {
    status = of_two(self, number, dtype, compares, loops, NULL, out_result);
  }
  pt2__tensor_release(number);
  return status;
}

pt2_status_t pt2__complex_ternary(const pt2__boxed_t* boxed,
                                  const pt2__complex_loops_t* loops,
                                  pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *tensor1, *tensor2;
  double value[2] = {1, 0};
  int32_t number = PT2_DTYPE_I64, dtype;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_tensor(boxed, 1, "tensor1", &tensor1));
  PT2_TRY(pt2__boxed_tensor(boxed, 2, "tensor2", &tensor2));
  PT2_TRY(pt2__boxed_scalar(boxed, 3, "value", value, &number));
  const pt2_tensor_t* const inputs[] = {self, tensor1, tensor2};
  PT2_TRY(pt2__elementwise_promote(inputs, 3, &dtype));
  PT2_TRY(pt2__complex_check(dtype, loops->halves));
  const pt2__elementwise_kernel_t kernel =
      kernel_of(loops, value, dtype, dtype);
  return pt2__elementwise_new(&kernel, inputs, 3, dtype, dtype, out_result);
}

// ---- Reductions ------------------------------------------------------------

// Rows along the last dimension of a row-major tensor: one of |count| elements
// and its place in the result, |step| of which lie between two of them.
typedef struct {
  const pt2_tensor_t* from;
  const pt2__reduce_dims_t* shape;
  int64_t index[PT2__MAX_RANK];
  int64_t count;
  int64_t step;  // 0 if the row is reduced, or else 1
  int64_t rest;  // rows
  int64_t place;
} rows_t;

static rows_t rows_of(const pt2_tensor_t* from,
                      const pt2__reduce_dims_t* shape) {
  rows_t rows = {.from = from, .shape = shape, .count = 1};
  if (from->rank > 0) {
    rows.count = from->sizes[from->rank - 1];
    rows.step = shape->steps[from->rank - 1];
  }
  rows.rest = from->numel > 0 ? from->numel / rows.count : 0;
  return rows;
}

static void next_row(rows_t* rows) {
  --rows->rest;
  for (int32_t d = rows->from->rank - 2; d >= 0; --d) {
    rows->place += rows->shape->steps[d];
    if (++rows->index[d] < rows->from->sizes[d]) {
      return;
    }
    rows->place -= rows->shape->steps[d] * rows->index[d];
    rows->index[d] = 0;
  }
}

static void add_doubles(const double* row, int64_t count, double* to) {
  for (int64_t i = 0; i < count; ++i) {
    to[i] += row[i];
  }
}

// Real parts are in even lanes, imaginary ones in odd lanes.
static void collect(const pt2__sums_t* sums, double* to) {
  for (int i = 0; i < PT2__SUM_LANES; ++i) {
    to[i % 2] += sums->lanes[i];
  }
}

// |row| is of complex128.
static void add_wide_row(const double* row, int64_t count, double* to) {
  pt2__sums_t sums = {{0}};
  int64_t i = 0;
  for (; i + PT2__SUM_LANES <= 2 * count; i += PT2__SUM_LANES) {
    add_doubles(row + i, PT2__SUM_LANES, sums.lanes);
  }
  add_doubles(row + i, 2 * count - i, sums.lanes);
  collect(&sums, to);
}

// |from| is row-major, complex64 or complex128. Sums are taken in double.
static void add_up(const pt2_tensor_t* from, const pt2__reduce_dims_t* shape,
                   double _Complex* sums) {
  const pt2__sum_functions_t* functions = pt2__sum_functions();
  const bool wide = from->dtype == PT2_DTYPE_COMPLEX128;
  const double* row = from->data;
  const float* narrow_row = from->data;
  for (rows_t rows = rows_of(from, shape); rows.rest > 0; next_row(&rows)) {
    double* to = (double*)(sums + rows.place);
    if (rows.step != 0) {
      if (wide) {
        add_doubles(row, 2 * rows.count, to);
      } else {
        functions->apart(narrow_row, 2 * rows.count, to);
      }
    } else if (wide) {
      add_wide_row(row, rows.count, to);
    } else {
      pt2__sums_t lanes = {{0}};
      functions->plain(narrow_row, 2 * rows.count, &lanes);
      collect(&lanes, to);
    }
    row += wide ? 2 * rows.count : 0;
    narrow_row += wide ? 0 : 2 * rows.count;
  }
}

pt2_status_t pt2__complex_reduce_all(const pt2__boxed_t* boxed,
                                     pt2__complex_reduction_t reduction,
                                     pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  int64_t dtype = self->dtype;
  PT2_TRY(pt2__boxed_enum(boxed, 1, "dtype", PT2_VALUE_DTYPE, &dtype, NULL));
  return pt2__complex_reduce(self, NULL, 0, false, reduction, (int32_t)dtype,
                             out_result);
}

pt2_status_t pt2__complex_reduce_dims(const pt2__boxed_t* boxed,
                                      pt2__complex_reduction_t reduction,
                                      pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  const int64_t* dims;
  int64_t count;
  bool keep = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_optional_ints(boxed, 1, "dim", &dims, &count));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "keepdim", &keep));
  int64_t dtype = self->dtype;
  PT2_TRY(pt2__boxed_enum(boxed, 3, "dtype", PT2_VALUE_DTYPE, &dtype, NULL));
  return pt2__complex_reduce(self, dims, count, keep, reduction, (int32_t)dtype,
                             out_result);
}

// ---- Variances -------------------------------------------------------------

// The squares of the distances of a row's elements from |mean|.
static double spread_of_row(const double* row, int64_t count,
                            const double* mean) {
  pt2__sums_t sums = {{0}};
  int64_t i = 0;
  for (; i + PT2__SUM_LANES <= 2 * count; i += PT2__SUM_LANES) {
    for (int lane = 0; lane < PT2__SUM_LANES; ++lane) {
      const double away = row[i + lane] - mean[lane % 2];
      sums.lanes[lane] += away * away;
    }
  }
  for (int lane = 0; i < 2 * count; ++i, ++lane) {
    const double away = row[i] - mean[lane % 2];
    sums.lanes[lane] += away * away;
  }
  double parts[2] = {0, 0};
  collect(&sums, parts);
  return parts[0] + parts[1];
}

static double spread_of_floats(const float* row, int64_t count,
                               const double* mean) {
  pt2__sums_t sums = {{0}};
  double means[PT2__SUM_LANES], parts[2] = {0, 0};
  for (int lane = 0; lane < PT2__SUM_LANES; ++lane) {
    means[lane] = mean[lane % 2];
  }
  pt2__sum_functions()->squares(row, 2 * count, means, &sums);
  collect(&sums, parts);
  return parts[0] + parts[1];
}

// Elements of a row that is not reduced.
#define SPREAD_APART(name, type)                                        \
  static void name(const type* row, int64_t count, const double* means, \
                   double* squares) {                                   \
    for (int64_t i = 0; i < count; ++i) {                               \
      const double re = (double)row[2 * i] - means[2 * i];              \
      const double im = (double)row[2 * i + 1] - means[2 * i + 1];      \
      squares[i] += re * re + im * im;                                  \
    }                                                                   \
  }
SPREAD_APART(spread_apart, double)
SPREAD_APART(spread_floats_apart, float)

// Turns |sums| into means and adds the squared distances to them up. |from| is
// row-major, complex64 or complex128.
static void spread(const pt2_tensor_t* from, const pt2__reduce_dims_t* shape,
                   double count, pt2_tensor_t* sums, double* squares) {
  double _Complex* means = sums->data;
  for (int64_t i = 0; i < sums->numel; ++i) {
    means[i] /= count;
    squares[i] = 0;
  }
  const bool wide = from->dtype == PT2_DTYPE_COMPLEX128;
  const double* row = from->data;
  const float* narrow_row = from->data;
  for (rows_t rows = rows_of(from, shape); rows.rest > 0; next_row(&rows)) {
    const double* mean = (const double*)(means + rows.place);
    double* to = squares + rows.place;
    if (rows.step == 0) {
      *to += wide ? spread_of_row(row, rows.count, mean)
                  : spread_of_floats(narrow_row, rows.count, mean);
    } else if (wide) {
      spread_apart(row, rows.count, mean, to);
    } else {
      spread_floats_apart(narrow_row, rows.count, mean, to);
    }
    row += wide ? 2 * rows.count : 0;
    narrow_row += wide ? 0 : 2 * rows.count;
  }
}

// |sums| becomes the means, |squares| the variances.
static pt2_status_t vary(const pt2_tensor_t* self,
                         const pt2__reduce_dims_t* shape, double correction,
                         pt2_tensor_t* sums, pt2_tensor_t* squares) {
  pt2_tensor_t* dense;
  PT2_TRY(pt2__tensor_to_contiguous(
      self, pt2__elementwise_compute_dtype(self->dtype), &dense));
  double count = 1;
  for (int32_t d = 0; d < self->rank; ++d) {
    count *= shape->reduced[d] ? (double)self->sizes[d] : 1;
  }
  double _Complex* totals = sums->data;
  for (int64_t i = 0; i < sums->numel; ++i) {
    totals[i] = 0;
  }
  add_up(dense, shape, totals);
  spread(dense, shape, count, sums, squares->data);
  // Of nothing there is none, whatever the correction.
  const double divisor = count == 0           ? NAN
                         : count > correction ? count - correction
                                              : 0;
  double* to = squares->data;
  for (int64_t i = 0; i < squares->numel; ++i) {
    to[i] /= divisor;
  }
  pt2__tensor_release(dense);
  return PT2_STATUS_OK;
}

// (Tensor self, int[1]? dim, *, Scalar? correction, bool keepdim)
pt2_status_t pt2__complex_variance(const pt2__boxed_t* boxed,
                                   pt2_tensor_t** out_variance,
                                   pt2_tensor_t** out_mean) {
  pt2_tensor_t *self, *sums, *squares, *variance = NULL, *mean = NULL;
  const int64_t* dims;
  int64_t count;
  double correction = 1;
  bool keep = false;
  pt2__reduce_dims_t shape;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__complex_check(self->dtype, true));
  PT2_TRY(pt2__boxed_optional_ints(boxed, 1, "dim", &dims, &count));
  PT2_TRY(pt2__boxed_number(boxed, 2, "correction", &correction, NULL));
  PT2_TRY(pt2__boxed_bool(boxed, 3, "keepdim", &keep));
  PT2_TRY(pt2__reduce_dims(self, dims, count, true, keep, &shape));
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_COMPLEX128, shape.rank, shape.sizes, NULL,
                            &sums));
  pt2_status_t status =
      pt2__tensor_empty(PT2_DTYPE_F64, shape.rank, shape.sizes, NULL, &squares);
  if (status == PT2_STATUS_OK) {
    status = vary(self, &shape, correction, sums, squares);
    if (status == PT2_STATUS_OK) {
      status = pt2__tensor_to_contiguous(squares, pt2__dtype_real(self->dtype),
                                         &variance);
    }
    pt2__tensor_release(squares);
  }
  if (status == PT2_STATUS_OK && out_mean != NULL) {
    status = pt2__tensor_to_contiguous(sums, self->dtype, &mean);
  }
  pt2__tensor_release(sums);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(variance);
    return status;
  }
  *out_variance = variance;
  if (out_mean != NULL) {
    *out_mean = mean;
  }
  return PT2_STATUS_OK;
}

// ---- Any -------------------------------------------------------------------

#define ANY(name, part)                                                        \
  static void name(const pt2_tensor_t* from, const pt2__reduce_dims_t* shape,  \
                   pt2_tensor_t* result) {                                     \
    uint8_t* to = result->data;                                                \
    const part* row = from->data;                                              \
    for (int64_t i = 0; i < result->numel; ++i) {                              \
      to[i] = 0;                                                               \
    }                                                                          \
    for (rows_t rows = rows_of(from, shape); rows.rest > 0; next_row(&rows)) { \
      uint8_t* at = to + rows.place;                                           \
      if (rows.step != 0) {                                                    \
        for (int64_t i = 0; i < rows.count; ++i) {                             \
          at[i] |= (uint8_t)((row[2 * i] != 0) | (row[2 * i + 1] != 0));       \
        }                                                                      \
      } else if (*at == 0) {                                                   \
        int found = 0;                                                         \
        for (int64_t i = 0; i < 2 * rows.count; ++i) {                         \
          found |= row[i] != 0;                                                \
        }                                                                      \
        *at = (uint8_t)found;                                                  \
      }                                                                        \
      row += 2 * rows.count;                                                   \
    }                                                                          \
  }
ANY(any_narrow, float)
ANY(any_wide, double)

pt2_status_t pt2__complex_any(const pt2_tensor_t* self, const int64_t* dims,
                              int64_t count, bool all, bool keep,
                              pt2_tensor_t** out_result) {
  pt2__reduce_dims_t shape;
  pt2_tensor_t *dense, *result;
  PT2_TRY(pt2__complex_check(self->dtype, true));
  PT2_TRY(pt2__reduce_dims(self, dims, count, all, keep, &shape));
  PT2_TRY(pt2__tensor_to_contiguous(
      self, pt2__elementwise_compute_dtype(self->dtype), &dense));
  pt2_status_t status =
      pt2__tensor_empty(PT2_DTYPE_BOOL, shape.rank, shape.sizes, NULL, &result);
  if (status == PT2_STATUS_OK) {
    if (self->dtype == PT2_DTYPE_COMPLEX128) {
      any_wide(dense, &shape, result);
    } else {
      any_narrow(dense, &shape, result);
    }
    *out_result = result;
  }
  pt2__tensor_release(dense);
  return status;
}
