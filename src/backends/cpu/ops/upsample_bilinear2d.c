// SPDX-License-Identifier: Apache-2.0
//
// aten::upsample_bilinear2d. PyTorch has no C function for it: a model that did
// not compile it calls it by name through the proxy executor.
#include <math.h>
#include <string.h>

#include "ops/op.h"
#include "ops/upsample.h"
#include "pt2/op.h"

// Where a column of the result lies.
typedef struct {
  int64_t first, second;
  double share;
} place_t;

// ROW: one row of a plane (pixels one element apart), or of an image with its
// channels side by side.
#define UPSAMPLE_ROW(suffix, real)                                            \
  static void row_##suffix(const real* top, const real* bottom, double share, \
                           const place_t* places, int64_t columns,            \
                           int64_t width, real* to) {                         \
    real low = (real)share, high = 1 - low;                                   \
    for (int64_t x = 0; x < columns; ++x, to += width) {                      \
      real right = (real)places[x].share, left = 1 - right;                   \
      const real* a = top + places[x].first * width;                          \
      const real* b = top + places[x].second * width;                         \
      const real* c = bottom + places[x].first * width;                       \
      const real* d = bottom + places[x].second * width;                      \
      for (int64_t i = 0; i < width; ++i) {                                   \
        to[i] = high * (left * a[i] + right * b[i]) +                         \
                low * (left * c[i] + right * d[i]);                           \
      }                                                                       \
    }                                                                         \
  }

UPSAMPLE_ROW(f32, float)
UPSAMPLE_ROW(f64, double)

static void run(const pt2__upsample_t* up, const void* input,
                const place_t* places, bool in_double, void* output) {
  int64_t planes = up->channels_last ? up->batch : up->batch * up->channels;
  int64_t width = up->channels_last ? up->channels : 1;
  int64_t in_row = up->input[1] * width, out_row = up->output[1] * width;
  int64_t lines = planes * up->output[0];
  int threads = pt2__op_threads(lines * out_row * 4);
#pragma omp parallel for schedule(static) num_threads(threads) if (threads > 1)
  for (int64_t line = 0; line < lines; ++line) {
    int64_t first, second;
    double share;
    pt2__upsample_place(up, 0, line % up->output[0], in_double, &first, &second,
                        &share);
    int64_t plane = line / up->output[0] * up->input[0];
    int64_t top = (plane + first) * in_row, bottom = (plane + second) * in_row;
    if (in_double) {
      const double* from = input;
      row_f64(from + top, from + bottom, share, places, up->output[1], width,
              (double*)output + line * out_row);
    } else {
      const float* from = input;
      row_f32(from + top, from + bottom, share, places, up->output[1], width,
              (float*)output + line * out_row);
    }
  }
}

// Computes |up| over |input| into |result|, of which both are dense copies in
// the dtype that is computed with.
static pt2_status_t compute(const pt2__upsample_t* up,
                            const pt2_tensor_t* input, pt2_tensor_t* result) {
  bool in_double = input->dtype == PT2_DTYPE_F64;
  size_t bytes = sizeof(place_t) * (size_t)up->output[1];
  place_t* places = pt2__pool_alloc(bytes);
  if (places == NULL) {
    return PT2_OUT_OF_MEMORY(bytes);
  }
  for (int64_t x = 0; x < up->output[1]; ++x) {
    pt2__upsample_place(up, 1, x, in_double, &places[x].first,
                        &places[x].second, &places[x].share);
  }
  run(up, input->data, places, in_double, result->data);
  pt2__pool_free(places, bytes);
  return PT2_STATUS_OK;
}

// A new tensor of |sizes| with the layout of the result.
static pt2_status_t make_dense(const pt2__upsample_t* up, int32_t dtype,
                               const int64_t* sizes, pt2_tensor_t** out) {
  int64_t strides[4];
  if (up->channels_last) {
    pt2__sizes_channels_last_strides(4, sizes, strides);
  } else {
    pt2__sizes_contiguous_strides(4, sizes, strides);
  }
  return pt2__tensor_empty(dtype, 4, sizes, strides, out);
}

static pt2_status_t upsample_into(const pt2__upsample_t* up,
                                  const pt2_tensor_t* self,
                                  pt2_tensor_t* result, pt2_tensor_t** input,
                                  pt2_tensor_t** computed) {
  if (result->numel == 0) {
    return PT2_STATUS_OK;
  }
  int32_t dtype = self->dtype == PT2_DTYPE_F64 ? PT2_DTYPE_F64 : PT2_DTYPE_F32;
  PT2_TRY(make_dense(up, dtype, self->sizes, input));
  PT2_TRY(pt2__tensor_copy(*input, self));
  if (dtype == self->dtype) {
    return compute(up, *input, result);
  }
  PT2_TRY(make_dense(up, dtype, up->out_sizes, computed));
  PT2_TRY(compute(up, *input, *computed));
  return pt2__tensor_copy(result, *computed);
}

static pt2_status_t upsample(const pt2_tensor_t* self,
                             const int64_t* output_size, size_t count,
                             bool align_corners, const double* scales,
                             pt2_tensor_t** out_result) {
  pt2__upsample_t up;
  PT2_TRY(pt2__upsample_resolve(self, 2, output_size, count, align_corners,
                                scales, &up));
  if (self->dtype != PT2_DTYPE_F32 && self->dtype != PT2_DTYPE_F64 &&
      self->dtype != PT2_DTYPE_F16 && self->dtype != PT2_DTYPE_BF16) {
    return PT2_FAIL(PT2_STATUS_UNSUPPORTED, "not implemented for '%s'",
                    pt2__dtype_torch_name(self->dtype));
  }
  pt2_tensor_t* result = NULL;
  pt2_tensor_t* input = NULL;
  pt2_tensor_t* computed = NULL;
  PT2_TRY(
      pt2__tensor_empty(self->dtype, 4, up.out_sizes, up.out_strides, &result));
  pt2_status_t status = upsample_into(&up, self, result, &input, &computed);
  pt2__tensor_release(input);
  pt2__tensor_release(computed);
  if (status != PT2_STATUS_OK) {
    pt2__tensor_release(result);
    return status;
  }
  *out_result = result;
  return PT2_STATUS_OK;
}

// ---- By name ---------------------------------------------------------------

static const pt2_value_t* argument(const pt2_value_t* arguments, size_t count,
                                   size_t at) {
  static const pt2_value_t none = {.name = "", .kind = PT2_VALUE_NONE};
  return at < count ? &arguments[at] : &none;
}

static double scale_of(const pt2_value_t* value) {
  return value->kind == PT2_VALUE_FLOAT ? value->as.number : 0;
}

// (Tensor self, SymInt[2] output_size, bool align_corners,
//  float? scales_h, float? scales_w)
static pt2_status_t by_size(const pt2_value_t* arguments, size_t count,
                            pt2_tensor_t** out_result) {
  const pt2_value_t* self = argument(arguments, count, 0);
  const pt2_value_t* size = argument(arguments, count, 1);
  const pt2_value_t* align = argument(arguments, count, 2);
  PT2_OP_CHECK(self->kind == PT2_VALUE_TENSOR &&
                   size->kind == PT2_VALUE_INT_LIST &&
                   align->kind == PT2_VALUE_BOOL,
               "expected a tensor, a list of integers and a bool");
  const double scales[2] = {scale_of(argument(arguments, count, 3)),
                            scale_of(argument(arguments, count, 4))};
  return upsample(self->as.tensor, size->as.integers, size->count,
                  align->as.boolean, scales, out_result);
}

// (Tensor input, SymInt[]? output_size, bool align_corners,
//  float[]? scale_factors)
static pt2_status_t by_factors(const pt2_value_t* arguments, size_t count,
                               pt2_tensor_t** out_result) {
  const pt2_value_t* self = argument(arguments, count, 0);
  const pt2_value_t* size = argument(arguments, count, 1);
  const pt2_value_t* align = argument(arguments, count, 2);
  const pt2_value_t* factors = argument(arguments, count, 3);
  PT2_OP_CHECK(self->kind == PT2_VALUE_TENSOR && align->kind == PT2_VALUE_BOOL,
               "expected a tensor and a bool");
  bool by_list = size->kind == PT2_VALUE_INT_LIST;
  PT2_OP_CHECK(by_list != (factors->kind == PT2_VALUE_FLOAT_LIST),
               "Must specify exactly one of output_size and scale_factors");
  double scales[2] = {0, 0};
  if (by_list) {
    return upsample(self->as.tensor, size->as.integers, size->count,
                    align->as.boolean, scales, out_result);
  }
  PT2_OP_CHECK_TENSOR(self->as.tensor, "input");
  PT2_OP_CHECK(factors->count == 2 && self->as.tensor->rank == 4,
               "expected two scale factors and a tensor of 4 dimensions");
  int64_t wanted[2];
  for (int d = 0; d < 2; ++d) {
    scales[d] = factors->as.numbers[d];
    double length = (double)self->as.tensor->sizes[2 + d] * scales[d];
    PT2_OP_CHECK(length >= 0 && length < 2147483648.0,
                 "a scale factor of %g is out of range", scales[d]);
    wanted[d] = (int64_t)length;
  }
  return upsample(self->as.tensor, wanted, 2, align->as.boolean, scales,
                  out_result);
}

static pt2_status_t boxed(void* user, const pt2_value_t* arguments,
                          size_t argument_count, pt2_tensor_t** results,
                          size_t result_count) {
  const char* name = user;
  if (result_count != 1) {
    return PT2_FAIL(PT2_STATUS_INVALID_ARGUMENT, "%s: %zu results wanted", name,
                    result_count);
  }
  bool vec = strstr(name, ".vec") != NULL;
  pt2_status_t status =
      (vec ? by_factors : by_size)(arguments, argument_count, &results[0]);
  if (status != PT2_STATUS_OK) {
    pt2__error_prefix("%s", name);
  }
  return status;
}

// Known from the start. Registration can only fail for want of memory, and a
// model that needs the operator is then refused by its name.
__attribute__((constructor)) static void register_operators(void) {
  static char plain[] = "aten::upsample_bilinear2d";
  static char vec[] = "aten::upsample_bilinear2d.vec";
  pt2_status_t status = pt2_op_register(plain, boxed, plain);
  if (status == PT2_STATUS_OK) {
    status = pt2_op_register(vec, boxed, vec);
  }
  (void)status;
}
