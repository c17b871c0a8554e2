// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define COMPLEX_FOLDS pt2__complex_folds_avx2
#define VECTOR_BYTES 32
#include "backends/cpu/kernels/complex/complex_fold.inc"
#endif
