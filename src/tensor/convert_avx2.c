// SPDX-License-Identifier: Apache-2.0
//
// Element conversion for processors with AVX2 and F16C.
#if defined(__AVX2__) && defined(__F16C__)
#define CONVERT_RUN pt2__convert_run_avx2
#include "tensor/convert_run.inc"
#else
typedef int pt2__convert_avx2_is_empty;
#endif
