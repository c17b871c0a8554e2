// SPDX-License-Identifier: Apache-2.0
//
// aten::_fft_r2c.
#include "backends/cpu/kernels/fft/spectral.h"

AOTITorchError aoti_torch_cpu__fft_r2c(AtenTensorHandle self,
                                       const int64_t* dim, int64_t dim_len_,
                                       int64_t normalization, int32_t onesided,
                                       AtenTensorHandle* ret0) {
  PT2_OP_RETURN("aten::_fft_r2c",
                pt2__spectral_r2c(self, dim, dim_len_, normalization,
                                  onesided != 0, ret0));
}
