// SPDX-License-Identifier: Apache-2.0
//
// Fourier transforms with vectors of 16 bytes, for any CPU.
#include <string.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/fft/fft.h"
#include "pt2/tensor.h"

typedef float vec_f32 __attribute__((vector_size(16)));
typedef double vec_f64 __attribute__((vector_size(16)));

#define SHUFFLES(suffix, real, lanes)                       \
  static inline void separate_##suffix(vec_##suffix* x) {   \
    real all[2 * lanes], parts[2 * lanes];                  \
    memcpy(all, x, sizeof(all));                            \
    for (int i = 0; i < lanes; ++i) {                       \
      parts[i] = all[2 * i];                                \
      parts[lanes + i] = all[2 * i + 1];                    \
    }                                                       \
    memcpy(x, parts, sizeof(parts));                        \
  }                                                         \
  static inline void interleave_##suffix(vec_##suffix* x) { \
    real all[2 * lanes], parts[2 * lanes];                  \
    memcpy(parts, x, sizeof(parts));                        \
    for (int i = 0; i < lanes; ++i) {                       \
      all[2 * i] = parts[i];                                \
      all[2 * i + 1] = parts[lanes + i];                    \
    }                                                       \
    memcpy(x, all, sizeof(all));                            \
  }                                                         \
  static inline void transpose_##suffix(vec_##suffix* x) {  \
    real rows[lanes][lanes], columns[lanes][lanes];         \
    memcpy(rows, x, sizeof(rows));                          \
    for (int i = 0; i < lanes; ++i) {                       \
      for (int j = 0; j < lanes; ++j) {                     \
        columns[i][j] = rows[j][i];                         \
      }                                                     \
    }                                                       \
    memcpy(x, columns, sizeof(columns));                    \
  }
SHUFFLES(f32, float, 4)
SHUFFLES(f64, double, 2)

#define REAL float
#define LANES 4
#define NAME(x) x##_f32
#define FMA(a, b, c) ((a) * (b) + (c))
#define FMS(a, b, c) ((a) * (b) - (c))
#define KERNEL pt2__fft_f32_generic
#include "backends/cpu/kernels/fft/fft.inc"

#define REAL double
#define LANES 2
#define NAME(x) x##_f64
#define FMA(a, b, c) ((a) * (b) + (c))
#define FMS(a, b, c) ((a) * (b) - (c))
#define KERNEL pt2__fft_f64_generic
#include "backends/cpu/kernels/fft/fft.inc"

const pt2__fft_kernel_t* pt2__fft_kernel(int32_t dtype) {
#if defined(__x86_64__)
  if (pt2__cpu_level() >= PT2__CPU_AVX512) {
    return dtype == PT2_DTYPE_F64 ? &pt2__fft_f64_avx512 : &pt2__fft_f32_avx512;
  }
  if (pt2__cpu_level() >= PT2__CPU_AVX2) {
    return dtype == PT2_DTYPE_F64 ? &pt2__fft_f64_avx2 : &pt2__fft_f32_avx2;
  }
#endif
  return dtype == PT2_DTYPE_F64 ? &pt2__fft_f64_generic : &pt2__fft_f32_generic;
}
