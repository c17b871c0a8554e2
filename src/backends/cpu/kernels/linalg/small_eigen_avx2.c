// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define SMALL_EIGEN pt2__small_eigen_avx2
#include "backends/cpu/kernels/linalg/small_eigen_body.inc"
#endif
