// SPDX-License-Identifier: Apache-2.0
//
// What the Fourier transforms mean on any device: arguments checked, sizes and
// strides of the result as PyTorch's CPU back end has them.
#ifndef PT2_SRC_OPS_FFT_H_
#define PT2_SRC_OPS_FFT_H_

#include <stdbool.h>
#include <stdint.h>

#include "tensor/tensor.h"

typedef enum {
  PT2__FFT_C2C,
  PT2__FFT_R2C,
  PT2__FFT_C2R,
} pt2__fft_kind_t;

typedef struct {
  int32_t rank;
  int32_t signals;  // transformed dimensions
  // Dimensions as they follow each other in the result's memory: those of the
  // batch, then the transformed ones.
  int32_t order[PT2__MAX_RANK];
  int64_t out_sizes[PT2__MAX_RANK];
  int64_t out_strides[PT2__MAX_RANK];
  double scale;
} pt2__fft_t;

// |last_size| is the result's size along the last of |dims|: for C2R the
// number of real elements, for R2C all or n / 2 + 1; otherwise ignored.
PT2_MUST_USE pt2_status_t pt2__fft_resolve(pt2__fft_kind_t kind,
                                           const pt2_tensor_t* self,
                                           const int64_t* dims, int64_t count,
                                           int64_t normalization,
                                           int64_t last_size, pt2__fft_t* out);

#endif  // PT2_SRC_OPS_FFT_H_
