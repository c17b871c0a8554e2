// SPDX-License-Identifier: Apache-2.0
//
// aten::bincount. PyTorch has no C function for it: models call it by name.
#include <inttypes.h>
#include <string.h>

#include "ops/boxed.h"
#include "ops/op.h"

static bool is_supported(int32_t dtype) {
  return dtype == PT2_DTYPE_I64 || dtype == PT2_DTYPE_I32 ||
         dtype == PT2_DTYPE_I16 || dtype == PT2_DTYPE_I8 ||
         dtype == PT2_DTYPE_U8;
}

static pt2_status_t check(const pt2_tensor_t* self, const pt2_tensor_t* weights,
                          int64_t least) {
  PT2_OP_CHECK(is_supported(self->dtype),
               "\"bincount_cpu\" not implemented for '%s'",
               pt2__dtype_torch_name(self->dtype));
  PT2_OP_CHECK(least >= 0, "minlength should be >= 0, got %" PRId64, least);
  PT2_OP_CHECK(self->rank == 1,
               "bincount only supports 1-d non-negative integral inputs, got "
               "%d dimensions",
               (int)self->rank);
  if (weights != NULL && self->numel > 0) {
    PT2_OP_CHECK_TENSOR(weights, "weights");
    PT2_OP_CHECK(weights->rank == 1 && weights->numel == self->numel,
                 "weights should be 1-d and have the same length as input "
                 "(%" PRId64 " and %" PRId64 ")",
                 weights->numel, self->numel);
  }
  return PT2_STATUS_OK;
}

// |*bins| is enough for all of |places|.
static pt2_status_t count_bins(const pt2_tensor_t* places, int64_t* bins) {
  const int64_t* values = places->data;
  int64_t least = 0, most = 0;
  for (int64_t i = 0; i < places->numel; ++i) {
    least = values[i] < least ? values[i] : least;
    most = values[i] > most ? values[i] : most;
  }
  PT2_OP_CHECK(least >= 0 && most < INT64_MAX,
               "bincount only supports 1-d non-negative integral inputs, got "
               "%" PRId64,
               least < 0 ? least : most);
  if (places->numel > 0 && *bins < most + 1) {
    *bins = most + 1;
  }
  return PT2_STATUS_OK;
}

static void add(const int64_t* places, const void* weights,
                pt2_tensor_t* result, int64_t count) {
  memset(result->data, 0,
         (size_t)result->numel * pt2_dtype_size_bytes(result->dtype));
  for (int64_t i = 0; i < count; ++i) {
    if (weights == NULL) {
      ++((int64_t*)result->data)[places[i]];
    } else if (result->dtype == PT2_DTYPE_F32) {
      ((float*)result->data)[places[i]] += ((const float*)weights)[i];
    } else {
      ((double*)result->data)[places[i]] += ((const double*)weights)[i];
    }
  }
}

// Weights of f32 are added as they are, others as f64.
static pt2_status_t count(const pt2_tensor_t* places,
                          const pt2_tensor_t* weights, int64_t bins,
                          pt2_tensor_t** out_result) {
  PT2_TRY(count_bins(places, &bins));
  int32_t dtype = PT2_DTYPE_I64;
  pt2_tensor_t* dense = NULL;
  if (weights != NULL && places->numel > 0) {
    dtype = weights->dtype == PT2_DTYPE_F32 ? PT2_DTYPE_F32 : PT2_DTYPE_F64;
    PT2_TRY(pt2__tensor_to_contiguous(weights, dtype, &dense));
  }
  pt2_tensor_t* result;
  pt2_status_t status = pt2__tensor_empty(dtype, 1, &bins, NULL, &result);
  if (status == PT2_STATUS_OK) {
    if (bins > 0) {
      add(places->data, dense != NULL ? dense->data : NULL, result,
          places->numel);
    }
    *out_result = result;
  }
  pt2__tensor_release(dense);
  return status;
}

static pt2_status_t bincount(const pt2__boxed_t* arguments,
                             pt2_tensor_t** results) {
  pt2_tensor_t *self, *weights, *places;
  int64_t least = 0;
  PT2_TRY(pt2__boxed_tensor(arguments, 0, "self", &self));
  PT2_TRY(pt2__boxed_optional_tensor(arguments, 1, "weights", &weights));
  PT2_TRY(pt2__boxed_optional_int(arguments, 2, "minlength", &least, NULL));
  PT2_TRY(check(self, weights, least));
  PT2_TRY(pt2__tensor_to_contiguous(self, PT2_DTYPE_I64, &places));
  pt2_status_t status = count(places, weights, least, &results[0]);
  pt2__tensor_release(places);
  return status;
}

PT2_BOXED_OP(bincount, 1, bincount)
