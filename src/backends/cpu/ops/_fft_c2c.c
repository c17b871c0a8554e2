// SPDX-License-Identifier: Apache-2.0
//
// aten::_fft_c2c, and its older name without a device.
#include "backends/cpu/kernels/fft/spectral.h"

AOTITorchError aoti_torch_cpu__fft_c2c(AtenTensorHandle self,
                                       const int64_t* dim, int64_t dim_len_,
                                       int64_t normalization, int32_t forward,
                                       AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::_fft_c2c",
                pt2__spectral_c2c(self, dim, dim_len_, normalization,
                                  forward != 0, ret0));
}

AOTITorchError aoti_torch__fft_c2c(AtenTensorHandle self, const int64_t* dim,
                                   int64_t dim_len_, int64_t normalization,
                                   int32_t forward, AtenTensorHandle* ret0) {
  return aoti_torch_cpu__fft_c2c(self, dim, dim_len_, normalization, forward,
                                 ret0);
}
