// SPDX-License-Identifier: Apache-2.0
#include "ops/rms_norm.h"

#include <float.h>

static int32_t compute_dtype(int32_t dtype) {
  return dtype == PT2_DTYPE_F16 || dtype == PT2_DTYPE_BF16 ? PT2_DTYPE_F32
                                                           : dtype;
}

static pt2_status_t check_weight(const pt2_tensor_t* input,
                                 const pt2_tensor_t* weight) {
  PT2_OP_CHECK_TENSOR(weight, "weight");
  PT2_OP_CHECK(
      pt2__dtype_is_complex(input->dtype) ||
          !pt2__dtype_is_complex(weight->dtype),
      "rms_norm of a real input has no complex weight, got weight of dtype %s",
      pt2__dtype_torch_name(weight->dtype));
  bool fits = weight->rank <= input->rank;
  for (int i = 0; fits && i < weight->rank; ++i) {
    int64_t size = weight->sizes[weight->rank - 1 - i];
    fits = size == 1 || size == input->sizes[input->rank - 1 - i];
  }
  char have[128];
  char want[128];
  PT2_OP_CHECK(
      fits, "weight of shape %s does not broadcast to input of shape %s",
      pt2__sizes_format(weight->rank, weight->sizes, have, sizeof(have)),
      pt2__sizes_format(input->rank, input->sizes, want, sizeof(want)));
  return PT2_STATUS_OK;
}

pt2_status_t pt2__rms_norm_check(const pt2_tensor_t* input,
                                 const int64_t* normalized_shape,
                                 int64_t normalized_rank,
                                 const pt2_tensor_t* weight, const double* eps,
                                 pt2__rms_norm_t* norm) {
  PT2_OP_CHECK_TENSOR(input, "input");
  PT2_OP_CHECK(normalized_rank >= 0 &&
                   (normalized_shape != NULL || normalized_rank == 0),
               "normalized_shape is NULL, expected %lld sizes",
               (long long)normalized_rank);
  PT2_OP_CHECK(normalized_rank <= (input->rank > 0 ? input->rank : 1),
               "normalized_shape has %lld dimensions, the input only %d",
               (long long)normalized_rank, input->rank);
  int32_t dtype = compute_dtype(input->dtype);
  PT2_OP_CHECK(dtype == PT2_DTYPE_F32 || dtype == PT2_DTYPE_F64 ||
                   dtype == PT2_DTYPE_COMPLEX64 ||
                   dtype == PT2_DTYPE_COMPLEX128,
               "\"rms_norm\" not implemented for '%s'",
               pt2__dtype_torch_name(input->dtype));
  if (weight != NULL) {
    PT2_TRY(check_weight(input, weight));
  }
  bool wide = dtype == PT2_DTYPE_F64 || dtype == PT2_DTYPE_COMPLEX128;
  int32_t format = pt2__tensor_suggest_memory_format(input);
  int32_t leading = normalized_rank == 0 || input->rank == 0
                        ? 0
                        : input->rank - (int32_t)normalized_rank;
  *norm = (pt2__rms_norm_t){
      .rows = 1,
      .width = 1,
      .compute_dtype = dtype,
      .keep_strides = format == PT2_MEMORY_FORMAT_CHANNELS_LAST ||
                      format == PT2_MEMORY_FORMAT_CHANNELS_LAST_3D,
      .row_rank = input->rank - leading};
  norm->eps = eps != NULL ? *eps : wide ? DBL_EPSILON : (double)FLT_EPSILON;
  for (int32_t i = 0; i < input->rank; ++i) {
    norm->statistic_sizes[i] = i < leading ? input->sizes[i] : 1;
    *(i < leading ? &norm->rows : &norm->width) *= input->sizes[i];
  }
  return PT2_STATUS_OK;
}
