// SPDX-License-Identifier: Apache-2.0
#if defined(__x86_64__)
#define TABLE pt2__triangles_avx2
#define VECTOR_BYTES 32
#include "backends/cpu/kernels/linalg/triangles.inc"
#endif
