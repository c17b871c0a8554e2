// SPDX-License-Identifier: Apache-2.0
//
// aten::multinomial. PyTorch has no C function for it: a model calls it by name
// through the proxy executor. As torch does it, what is drawn without
// replacement comes from a race of exponential clocks (Efraimidis and Spirakis,
// "Weighted random sampling with a reservoir"), the rest from the cumulated
// distribution.
#include <math.h>

#include "backends/cpu/kernels/index/sort.h"
#include "backends/cpu/random/fill.h"
#include "ops/boxed.h"
#include "ops/random.h"

// Past this floats no longer tell categories apart.
#define MOST_CATEGORIES (INT64_C(1) << 24)

static pt2_status_t check(const pt2_tensor_t* self, int64_t samples,
                          bool replacement) {
  PT2_OP_CHECK(self->rank > 0 && self->rank <= 2,
               "prob_dist must be 1 or 2 dim");
  PT2_OP_CHECK(self->dtype == PT2_DTYPE_F32 || self->dtype == PT2_DTYPE_F64 ||
                   self->dtype == PT2_DTYPE_F16 ||
                   self->dtype == PT2_DTYPE_BF16,
               "multinomial only supports floating-point dtypes for input, "
               "got: %s",
               pt2__dtype_torch_name(self->dtype));
  int64_t categories = self->sizes[self->rank - 1];
  PT2_OP_CHECK(samples > 0, "cannot sample n_sample <= 0 samples");
  PT2_OP_CHECK(replacement || samples <= categories,
               "cannot sample n_sample > prob_dist.size(-1) samples without "
               "replacement");
  PT2_OP_CHECK(categories <= MOST_CATEGORIES,
               "number of categories cannot exceed 2^24");
  PT2_OP_CHECK(categories > 0, "prob_dist has no categories");
  return PT2_STATUS_OK;
}

// Fails unless |values|, rows of |categories|, are what probabilities can be.
#define CHECK_VALUES(suffix, real)                                       \
  static pt2_status_t check_##suffix(const real* values, int64_t rows,   \
                                     int64_t categories) {               \
    for (int64_t row = 0; row < rows; ++row, values += categories) {     \
      int bad = 0, any = 0;                                              \
      for (int64_t i = 0; i < categories; ++i) {                         \
        bad |= !(values[i] >= 0) | !(values[i] < (real)INFINITY);        \
        any |= values[i] > 0;                                            \
      }                                                                  \
      PT2_OP_CHECK(!bad,                                                 \
                   "probability tensor contains either `inf`, `nan` or " \
                   "element < 0");                                       \
      PT2_OP_CHECK(any,                                                  \
                   "invalid multinomial distribution (sum of "           \
                   "probabilities <= 0)");                               \
    }                                                                    \
    return PT2_STATUS_OK;                                                \
  }

CHECK_VALUES(f32, float)
CHECK_VALUES(f64, double)

// ---- Without replacement ---------------------------------------------------

// times = values / times in the type that torch divides in.
static void divide(const pt2_tensor_t* values, const pt2_tensor_t* times) {
  if (times->dtype == PT2_DTYPE_F64) {
    const double* from = values->data;
    double* to = times->data;
    for (int64_t i = 0; i < times->numel; ++i) {
      to[i] = from[i] / to[i];
    }
  } else {
    const float* from = values->data;
    float* to = times->data;
    for (int64_t i = 0; i < times->numel; ++i) {
      to[i] = from[i] / to[i];
    }
  }
}

// |q| holds the times, in the order of its memory, and becomes the quotients.
static pt2_status_t run_race(const pt2_tensor_t* values, int64_t samples,
                             pt2_tensor_t* q, pt2_tensor_t* best,
                             pt2_tensor_t* result) {
  pt2__generator_t* generator = pt2__generator_acquire(NULL);
  pt2__fill_exponential(generator, q, 1.0);
  pt2__generator_release(generator);
  pt2_tensor_t* times;
  PT2_TRY(pt2__tensor_to_contiguous(q, values->dtype, &times));
  divide(values, times);
  // Quotients are rounded to the dtype before they are compared.
  pt2_status_t status = pt2__tensor_copy(q, times);
  if (status == PT2_STATUS_OK) {
    status = pt2__sort(q, q->rank - 1, samples, true, best, result);
  }
  pt2__tensor_release(times);
  return status;
}

static pt2_status_t race(const pt2_tensor_t* self, const pt2_tensor_t* values,
                         int64_t samples, pt2_tensor_t* result) {
  pt2_tensor_t *q, *best;
  PT2_TRY(pt2__tensor_empty_like(self, self->dtype, &q));
  pt2_status_t status =
      pt2__tensor_empty(self->dtype, result->rank, result->sizes, NULL, &best);
  if (status == PT2_STATUS_OK) {
    status = run_race(values, samples, q, best, result);
    pt2__tensor_release(best);
  }
  pt2__tensor_release(q);
  return status;
}

// ---- With replacement ------------------------------------------------------

// DRAW: |samples| places for each row of |values|, from the sums in |sums|.
#define DRAW(suffix, real)                                                     \
  static void cumulate_##suffix(const real* values, int64_t count,             \
                                real* sums) {                                  \
    real sum = 0;                                                              \
    for (int64_t i = 0; i < count; ++i) {                                      \
      sum += values[i];                                                        \
      sums[i] = sum;                                                           \
    }                                                                          \
    for (int64_t i = 0; i < count; ++i) {                                      \
      sums[i] /= sum;                                                          \
    }                                                                          \
    sums[count - 1] = 1;                                                       \
  }                                                                            \
  static int64_t search_##suffix(const real* sums, int64_t count,              \
                                 double sample) {                              \
    int64_t left = 0, right = count;                                           \
    while (left < right) {                                                     \
      int64_t middle = left + (right - left) / 2;                              \
      if ((double)sums[middle] < sample) {                                     \
        left = middle + 1;                                                     \
      } else {                                                                 \
        right = middle;                                                        \
      }                                                                        \
    }                                                                          \
    return left;                                                               \
  }                                                                            \
  static void draw_##suffix(pt2__generator_t* generator, const real* values,   \
                            int64_t rows, int64_t categories, int64_t samples, \
                            real* sums, int64_t* to) {                         \
    for (int64_t row = 0; row < rows; ++row) {                                 \
      cumulate_##suffix(values + row * categories, categories, sums);          \
      for (int64_t i = 0; i < samples; ++i) {                                  \
        *to++ =                                                                \
            search_##suffix(sums, categories, pt2__generator_f64(generator));  \
      }                                                                        \
    }                                                                          \
  }

DRAW(f32, float)
DRAW(f64, double)

static pt2_status_t draw(const pt2_tensor_t* values, int64_t rows,
                         int64_t samples, pt2_tensor_t* result) {
  int64_t categories = values->sizes[values->rank - 1];
  size_t bytes = sizeof(double) * (size_t)categories;
  void* sums = pt2__pool_alloc(bytes);
  if (sums == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  pt2__generator_t* generator = pt2__generator_acquire(NULL);
  if (values->dtype == PT2_DTYPE_F64) {
    draw_f64(generator, values->data, rows, categories, samples, sums,
             result->data);
  } else {
    draw_f32(generator, values->data, rows, categories, samples, sums,
             result->data);
  }
  pt2__generator_release(generator);
  pt2__pool_free(sums, bytes);
  return PT2_STATUS_OK;
}

static pt2_status_t sample(const pt2_tensor_t* self, int64_t samples,
                           bool replacement, pt2_tensor_t* result) {
  bool in_double = self->dtype == PT2_DTYPE_F64;
  pt2_tensor_t* values;
  PT2_TRY(pt2__tensor_to_contiguous(
      self, in_double ? PT2_DTYPE_F64 : PT2_DTYPE_F32, &values));
  int64_t categories = self->sizes[self->rank - 1];
  int64_t rows = self->rank == 2 ? self->sizes[0] : 1;
  pt2_status_t status = in_double ? check_f64(values->data, rows, categories)
                                  : check_f32(values->data, rows, categories);
  if (status == PT2_STATUS_OK && result->numel > 0) {
    status = !replacement || samples == 1 ? race(self, values, samples, result)
                                          : draw(values, rows, samples, result);
  }
  pt2__tensor_release(values);
  return status;
}

// (Tensor self, SymInt num_samples, bool replacement=False, *,
//  Generator? generator=None)
static pt2_status_t multinomial(const pt2__boxed_t* boxed,
                                pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  int64_t samples;
  bool replacement = false;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_int(boxed, 1, "num_samples", &samples));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "replacement", &replacement));
  PT2_TRY(check(self, samples, replacement));
  const int64_t sizes[2] = {self->rank == 2 ? self->sizes[0] : samples,
                            samples};
  pt2_tensor_t* result = NULL;
  PT2_TRY(pt2__tensor_empty(PT2_DTYPE_I64, self->rank, sizes, NULL, &result));
  pt2_status_t status = sample(self, samples, replacement, result);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(multinomial, 1, multinomial)
