// SPDX-License-Identifier: Apache-2.0
//
// Sums, means and products of complex tensors over some of their dimensions.
#include "backends/cpu/kernels/complex/complex_fold.h"
#include "backends/cpu/kernels/complex/complex_numbers.h"
#include "ops/reduce_dim.h"

// A tensor's dimensions in the order of its memory, those that can be taken
// together being one.
typedef struct {
  int32_t rank;
  int64_t sizes[PT2__MAX_RANK];
  int64_t strides[PT2__MAX_RANK];
  int64_t steps[PT2__MAX_RANK];  // between the results, 0 where reduced
} nest_t;

static bool joins(const nest_t* nest, int32_t outer, int64_t size,
                  int64_t stride, int64_t step) {
  return nest->strides[outer] == stride * size &&
         nest->steps[outer] == step * size;
}

static nest_t nest_of(const pt2_tensor_t* from,
                      const pt2__reduce_dims_t* shape) {
  int32_t order[PT2__MAX_RANK] = {0}, rank = 0;
  for (int32_t d = 0; d < from->rank; ++d) {
    if (from->sizes[d] == 1) {
      continue;
    }
    int32_t at = rank++;
    for (; at > 0 && from->strides[order[at - 1]] < from->strides[d]; --at) {
      order[at] = order[at - 1];
    }
    order[at] = d;
  }
  nest_t nest = {.rank = 0};
  for (int32_t i = 0; i < rank; ++i) {
    const int64_t size = from->sizes[order[i]];
    const int64_t stride = from->strides[order[i]];
    const int64_t step = shape->steps[order[i]];
    const bool joined =
        nest.rank > 0 && joins(&nest, nest.rank - 1, size, stride, step);
    const int32_t at = joined ? nest.rank - 1 : nest.rank++;
    nest.sizes[at] = joined ? nest.sizes[at] * size : size;
    nest.strides[at] = stride;
    nest.steps[at] = step;
  }
  // Two dimensions at least, the inner two being rows.
  while (nest.rank < 2) {
    for (int32_t i = nest.rank++; i > 0; --i) {
      nest.sizes[i] = nest.sizes[i - 1];
      nest.strides[i] = nest.strides[i - 1];
      nest.steps[i] = nest.steps[i - 1];
    }
    nest.sizes[0] = 1;
    nest.strides[0] = nest.rank == 1;
    nest.steps[0] = 0;
  }
  return nest;
}

// The inner two dimensions from |from| on.
static void fold_rows(const pt2__complex_fold_t* fold, const nest_t* nest,
                      const char* from, int64_t bytes, double* to) {
  const int32_t inner = nest->rank - 1, outer = nest->rank - 2;
  const int64_t rows = nest->sizes[outer], count = nest->sizes[inner];
  const int64_t stride = nest->strides[outer];
  const int64_t outer_step = nest->steps[outer], step = nest->steps[inner];
  if (step == 0) {
    fold->along(from, stride, rows, count, to, outer_step);
    return;
  }
  if (step == 1 && outer_step == 0) {
    fold->across(from, stride, rows, count, to);
    return;
  }
  for (int64_t j = 0; j < rows; ++j) {
    const char* row = from + j * stride * bytes;
    double* numbers = to + 2 * j * outer_step;
    if (step == 1) {
      fold->across(row, 0, 1, count, numbers);
    } else {
      fold->along(row, 1, count, 1, numbers, step);
    }
  }
}

// |to| holds the numbers to begin with.
static void fold_all(const pt2__complex_fold_t* fold, const nest_t* nest,
                     const char* from, int64_t bytes, double* to) {
  int64_t index[PT2__MAX_RANK] = {0};
  for (;;) {
    fold_rows(fold, nest, from, bytes, to);
    int32_t d = nest->rank - 3;
    for (; d >= 0; --d) {
      from += nest->strides[d] * bytes;
      to += 2 * nest->steps[d];
      if (++index[d] < nest->sizes[d]) {
        break;
      }
      from -= index[d] * nest->strides[d] * bytes;
      to -= 2 * index[d] * nest->steps[d];
      index[d] = 0;
    }
    if (d < 0) {
      return;
    }
  }
}

static const pt2__complex_fold_t* fold_of(bool multiplies, bool wide) {
  const pt2__complex_folds_t* folds = pt2__complex_folds();
  if (multiplies) {
    return wide ? &folds->product_c128 : &folds->product_c64;
  }
  return wide ? &folds->sum_c128 : &folds->sum_c64;
}

// |sums| is complex128 of the result's sizes; |dtype| is the result's.
static pt2_status_t reduce(const pt2_tensor_t* self,
                           const pt2__reduce_dims_t* shape,
                           pt2__complex_reduction_t reduction, int32_t dtype,
                           pt2_tensor_t* sums) {
  const bool multiplies = reduction == PT2__COMPLEX_PROD;
  const bool wide =
      self->dtype == PT2_DTYPE_COMPLEX128 || dtype == PT2_DTYPE_COMPLEX128;
  double _Complex* to = sums->data;
  for (int64_t i = 0; i < sums->numel; ++i) {
    to[i] = multiplies ? 1 : 0;
  }
  if (self->numel > 0) {
    nest_t nest = nest_of(self, shape);
    pt2_tensor_t* dense = NULL;
    const int32_t computed = wide ? PT2_DTYPE_COMPLEX128 : PT2_DTYPE_COMPLEX64;
    if (self->dtype != computed || nest.strides[nest.rank - 1] != 1) {
      PT2_TRY(pt2__tensor_to_contiguous(self, computed, &dense));
      nest = nest_of(dense, shape);
    }
    const pt2_tensor_t* from = dense != NULL ? dense : self;
    fold_all(fold_of(multiplies, wide), &nest, from->data, wide ? 16 : 8,
             (double*)to);
    pt2__tensor_release(dense);
  }
  if (reduction == PT2__COMPLEX_MEAN && sums->numel > 0) {
    const double count = (double)self->numel / (double)sums->numel;
    for (int64_t i = 0; i < sums->numel; ++i) {
      to[i] /= count;
    }
  }
  return PT2_STATUS_OK;
}

// complex64 of |sums|, which it releases.
static pt2_status_t narrowed(pt2_tensor_t* sums, pt2_tensor_t** out_result) {
  pt2_tensor_t* result = NULL;
  pt2_status_t status = pt2__tensor_empty(PT2_DTYPE_COMPLEX64, sums->rank,
                                          sums->sizes, NULL, &result);
  if (status == PT2_STATUS_OK) {
    const double* from = sums->data;
    float* to = result->data;
    for (int64_t i = 0; i < 2 * sums->numel; ++i) {
      to[i] = (float)from[i];
    }
    *out_result = result;
  }
  pt2__tensor_release(sums);
  return status;
}

pt2_status_t pt2__complex_reduce(const pt2_tensor_t* self, const int64_t* dims,
                                 int64_t count, bool keep,
                                 pt2__complex_reduction_t reduction,
                                 int32_t dtype, pt2_tensor_t** out_result) {
  PT2_TRY(pt2__complex_check(self->dtype, false));
  PT2_TRY(pt2__complex_check(dtype, false));
  pt2__reduce_dims_t shape;
  PT2_TRY(pt2__reduce_dims(self, dims, count, true, keep, &shape));
  pt2_tensor_t* sums;
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_COMPLEX128, shape.rank, shape.sizes, NULL,
                            &sums));
  pt2_status_t status = reduce(self, &shape, reduction, dtype, sums);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(sums);
    return status;
  }
  if (dtype == PT2_DTYPE_COMPLEX64) {
    return narrowed(sums, out_result);
  }
  *out_result = sums;
  return PT2_STATUS_OK;
}
