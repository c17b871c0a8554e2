// SPDX-License-Identifier: Apache-2.0
//
// aten::upsample_trilinear3d, by name. Depth and height are blended for a whole
// row of the input first, so that only the width is left for each result.
#include <omp.h>

#include "backends/cpu/kernels/index/lay_out.h"
#include "ops/boxed.h"
#include "ops/upsample.h"

// Where a result lies along a dimension.
typedef struct {
  int64_t first, second;
  double weights[2];
} place_t;

typedef struct {
  const pt2__upsample_t* up;
  bool in_double;
  int64_t inner;  // elements side by side: channels, or one
  place_t* places[3];
} plan_t;

// BLEND: |row| from the four rows around it. COLUMNS: the results of a row.
#define KERNELS(suffix, real)                                                 \
  static void blend_##suffix(const real* from, int64_t slab, int64_t length,  \
                             const place_t* z, const place_t* y, real* row) { \
    const real near = (real)z->weights[0], far = (real)z->weights[1];         \
    const real high = (real)y->weights[0], low = (real)y->weights[1];         \
    const real* a = from + z->first * slab + y->first * length;               \
    const real* b = from + z->first * slab + y->second * length;              \
    const real* c = from + z->second * slab + y->first * length;              \
    const real* d = from + z->second * slab + y->second * length;             \
    for (int64_t i = 0; i < length; ++i) {                                    \
      row[i] = near * (high * a[i] + low * b[i]) +                            \
               far * (high * c[i] + low * d[i]);                              \
    }                                                                         \
  }                                                                           \
  static void columns_##suffix(const real* row, const place_t* x,             \
                               int64_t count, int64_t inner, real* to) {      \
    if (inner == 1) {                                                         \
      for (int64_t i = 0; i < count; ++i) {                                   \
        to[i] = (real)x[i].weights[0] * row[x[i].first] +                     \
                (real)x[i].weights[1] * row[x[i].second];                     \
      }                                                                       \
      return;                                                                 \
    }                                                                         \
    for (int64_t i = 0; i < count; ++i, to += inner) {                        \
      real left = (real)x[i].weights[0], right = (real)x[i].weights[1];       \
      const real* a = row + x[i].first * inner;                               \
      const real* b = row + x[i].second * inner;                              \
      for (int64_t j = 0; j < inner; ++j) {                                   \
        to[j] = left * a[j] + right * b[j];                                   \
      }                                                                       \
    }                                                                         \
  }                                                                           \
  static void line_##suffix(const plan_t* plan, const real* from, int64_t z,  \
                            int64_t y, real* row, real* to) {                 \
    const int64_t length = plan->up->input[2] * plan->inner;                  \
    blend_##suffix(from, plan->up->input[1] * length, length,                 \
                   &plan->places[0][z], &plan->places[1][y], row);            \
    columns_##suffix(row, plan->places[2], plan->up->output[2], plan->inner,  \
                     to);                                                     \
  }
KERNELS(f32, float)
KERNELS(f64, double)

// Both tensors are dense, in the dtype that is computed with.
static pt2_status_t run(const plan_t* plan, const pt2_tensor_t* from,
                        pt2_tensor_t* to) {
  const pt2__upsample_t* up = plan->up;
  const int64_t length = up->input[2] * plan->inner;
  const int64_t volume = up->input[0] * up->input[1] * length;
  const int64_t out_row = up->output[2] * plan->inner;
  const int64_t lines = to->numel / out_row;
  const int threads = pt2__op_threads(lines * (4 * length + 2 * out_row));
  const size_t item = plan->in_double ? sizeof(double) : sizeof(float);
  const size_t bytes = item * (size_t)length * (size_t)threads;
  char* rows = pt2__pool_alloc(bytes);
  if (rows == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t line = 0; line < lines; ++line) {
    const int64_t y = line % up->output[1];
    const int64_t z = line / up->output[1] % up->output[0];
    const int64_t start = line / up->output[1] / up->output[0] * volume;
    char* row = rows + item * (size_t)length * (size_t)omp_get_thread_num();
    if (plan->in_double) {
      line_f64(plan, (const double*)from->data + start, z, y, (double*)row,
               (double*)to->data + line * out_row);
    } else {
      line_f32(plan, (const float*)from->data + start, z, y, (float*)row,
               (float*)to->data + line * out_row);
    }
  }
  pt2__pool_free(rows, bytes);
  return PT2_STATUS_OK;
}

static double round_to(int32_t dtype, double value) {
  char element[8];
  pt2__element_set_f64(dtype, element, value);
  return pt2__element_get_f64(dtype, element);
}

// |dtype| is the result's: PyTorch keeps the weights in it, but where there are
// more than three channels, innermost.
static place_t place_of(const plan_t* plan, int d, int64_t at, int32_t dtype) {
  place_t place;
  double share;
  pt2__upsample_place(plan->up, d, at, plan->in_double, &place.first,
                      &place.second, &share);
  if (plan->in_double) {
    place.weights[0] = 1 - share;
  } else if (plan->inner > 3) {
    place.weights[0] = 1 - (float)share;
  } else {
    share = round_to(dtype, share);
    place.weights[0] = round_to(dtype, 1 - (float)share);
  }
  place.weights[1] = share;
  return place;
}

static pt2_status_t compute(const pt2__upsample_t* up, int32_t dtype,
                            const pt2_tensor_t* from, pt2_tensor_t* to) {
  plan_t plan = {.up = up,
                 .in_double = from->dtype == PT2_DTYPE_F64,
                 .inner = up->channels_last ? up->channels : 1};
  const size_t bytes =
      sizeof(place_t) * (size_t)(up->output[0] + up->output[1] + up->output[2]);
  place_t* next = pt2__pool_alloc(bytes);
  if (next == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  for (int d = 0; d < 3; ++d) {
    plan.places[d] = next;
    for (int64_t at = 0; at < up->output[d]; ++at, ++next) {
      *next = place_of(&plan, d, at, dtype);
    }
  }
  pt2_status_t status = run(&plan, from, to);
  pt2__pool_free(plan.places[0], bytes);
  return status;
}

static pt2_status_t upsample_into(const pt2__upsample_t* up,
                                  const pt2_tensor_t* self,
                                  pt2_tensor_t* result, pt2_tensor_t** input,
                                  pt2_tensor_t** computed) {
  int32_t dtype = self->dtype == PT2_DTYPE_F64 ? PT2_DTYPE_F64 : PT2_DTYPE_F32;
  PT2_TRY(pt2__lay_out(self, dtype, up->channels_last, input));
  if (dtype == self->dtype) {
    return compute(up, self->dtype, *input, result);
  }
  PT2_TRY(
      pt2__lay_out_empty(dtype, 5, up->out_sizes, up->channels_last, computed));
  PT2_TRY(compute(up, self->dtype, *input, *computed));
  return pt2__tensor_copy(result, *computed);
}

// (Tensor self, SymInt[3] output_size, bool align_corners, float? scales_d,
// float? scales_h, float? scales_w)
static pt2_status_t upsample(const pt2__boxed_t* boxed,
                             pt2_tensor_t** out_result) {
  pt2_tensor_t *self, *result, *input = NULL, *computed = NULL;
  const int64_t* sizes;
  int64_t count;
  bool align_corners = false;
  double scales[3] = {0, 0, 0};
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_ints(boxed, 1, "output_size", &sizes, &count));
  PT2_TRY(pt2__boxed_bool(boxed, 2, "align_corners", &align_corners));
  PT2_TRY(pt2__boxed_number(boxed, 3, "scales_d", &scales[0], NULL));
  PT2_TRY(pt2__boxed_number(boxed, 4, "scales_h", &scales[1], NULL));
  PT2_TRY(pt2__boxed_number(boxed, 5, "scales_w", &scales[2], NULL));
  pt2__upsample_t up;
  PT2_TRY(pt2__upsample_resolve(self, 3, sizes, (size_t)count, align_corners,
                                scales, &up));
  if (self->dtype != PT2_DTYPE_F32 && self->dtype != PT2_DTYPE_F64 &&
      self->dtype != PT2_DTYPE_F16 && self->dtype != PT2_DTYPE_BF16) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED,
                    "\"compute_indices_weights_linear\" not implemented for "
                    "'%s'",
                    pt2__dtype_torch_name(self->dtype));
  }
  PT2_TRY(
      pt2__tensor_empty(self->dtype, 5, up.out_sizes, up.out_strides, &result));
  pt2_status_t status = PT2_STATUS_OK;
  if (result->numel > 0) {
    status = upsample_into(&up, self, result, &input, &computed);
  }
  pt2__tensor_release(input);
  pt2__tensor_release(computed);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

PT2_BOXED_OP(upsample_trilinear3d, 1, upsample)
