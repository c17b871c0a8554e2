// SPDX-License-Identifier: Apache-2.0
//
// aten::_fft_c2r. PyTorch has no C function for it: a model calls it by name
// through the proxy executor.
#include "backends/cpu/kernels/fft/spectral.h"
#include "ops/boxed.h"

// (Tensor self, int[] dim, int normalization, SymInt last_dim_size)
static pt2_status_t c2r(const pt2__boxed_t* boxed, pt2_tensor_t** out_result) {
  pt2_tensor_t* self;
  const int64_t* dims;
  int64_t count, normalization, last_size;
  PT2_TRY(pt2__boxed_tensor(boxed, 0, "self", &self));
  PT2_TRY(pt2__boxed_ints(boxed, 1, "dim", &dims, &count));
  PT2_TRY(pt2__boxed_int(boxed, 2, "normalization", &normalization));
  PT2_TRY(pt2__boxed_int(boxed, 3, "last_dim_size", &last_size));
  return pt2__spectral_c2r(self, dims, count, normalization, last_size,
                           out_result);
}

PT2_BOXED_OP(_fft_c2r, 1, c2r)
