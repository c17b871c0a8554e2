// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define COMPLEX_FOLDS pt2__complex_folds_avx512
#define VECTOR_BYTES 64
#include "backends/cpu/kernels/complex/complex_fold.inc"
#endif
