// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define SMALL_LDL pt2__small_ldl_avx2
#include "backends/cpu/kernels/linalg/small_ldl_body.inc"
#endif
