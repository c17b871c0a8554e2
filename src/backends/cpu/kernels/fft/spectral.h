// SPDX-License-Identifier: Apache-2.0
//
// The Fourier transforms of tensors.
#ifndef PT2_SRC_BACKENDS_CPU_KERNELS_FFT_SPECTRAL_H_
#define PT2_SRC_BACKENDS_CPU_KERNELS_FFT_SPECTRAL_H_

#include "ops/op.h"

// aten::_fft_c2c, aten::_fft_r2c and aten::_fft_c2r.
PT2_MUST_USE pt2_status_t pt2__spectral_c2c(const pt2_tensor_t* self,
                                            const int64_t* dims, int64_t count,
                                            int64_t normalization, bool forward,
                                            pt2_tensor_t** out_result);
PT2_MUST_USE pt2_status_t pt2__spectral_r2c(const pt2_tensor_t* self,
                                            const int64_t* dims, int64_t count,
                                            int64_t normalization,
                                            bool onesided,
                                            pt2_tensor_t** out_result);
PT2_MUST_USE pt2_status_t pt2__spectral_c2r(const pt2_tensor_t* self,
                                            const int64_t* dims, int64_t count,
                                            int64_t normalization,
                                            int64_t last_size,
                                            pt2_tensor_t** out_result);

#endif  // PT2_SRC_BACKENDS_CPU_KERNELS_FFT_SPECTRAL_H_
