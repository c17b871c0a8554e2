// SPDX-License-Identifier: Apache-2.0
//
// atan2 of floats in double precision: the quotient of the smaller and the
// larger part is brought below tan(pi / 8), where the series of the arc tangent
// converges fast.
#if defined(__x86_64__)
#include "backends/cpu/kernels/arc_tangent.h"

#include <math.h>

// Elements that are computed together.
#define BLOCK 16

#define SIMD _Pragma("omp simd")
#define PI 3.14159265358979323846
#define TAN_PI_8 0.41421356237309505

// |x| <= TAN_PI_8.
static inline double series(double x) {
  double z = x * x;
  double sum = fma(z, 1.0 / 21, -1.0 / 19);
  sum = fma(sum, z, 1.0 / 17);
  sum = fma(sum, z, -1.0 / 15);
  sum = fma(sum, z, 1.0 / 13);
  sum = fma(sum, z, -1.0 / 11);
  sum = fma(sum, z, 1.0 / 9);
  sum = fma(sum, z, -1.0 / 7);
  sum = fma(sum, z, 1.0 / 5);
  sum = fma(sum, z, -1.0 / 3);
  return fma(x * z, sum, x);
}

// Both are finite and not both 0.
static inline double angle_of(double im, double re) {
  double y = fabs(im), x = fabs(re);
  double least = y < x ? y : x, most = y < x ? x : y;
  double quotient = least / most;
  double above = quotient > TAN_PI_8 ? 1.0 : 0.0;
  // tan(a - pi / 4) of a = atan(quotient), or the quotient itself.
  double angle =
      series((quotient - above) / fma(quotient, above, 1.0)) + above * (PI / 4);
  angle = y < x ? angle : PI / 2 - angle;
  angle = re < 0 ? PI - angle : angle;
  return copysign(angle, im);
}

static void angle_block(const float* re, const float* im, float* result) {
  int special = 0;
  SIMD for (int i = 0; i < BLOCK; ++i) {
    float sum = fabsf(re[i]) + fabsf(im[i]);
    special |= !(sum > 0.0f && sum < INFINITY);
  }
  if (special) {
    for (int i = 0; i < BLOCK; ++i) {
      result[i] = atan2f(im[i], re[i]);
    }
    return;
  }
  SIMD for (int i = 0; i < BLOCK; ++i) {
    result[i] = (float)angle_of((double)im[i], (double)re[i]);
  }
}

void pt2__angle_c64_avx2(const void* context, char* const* data,
                         const int64_t* strides, int64_t count) {
  (void)context;
  char* to = data[0];
  const char* from = data[1];
  const int64_t to_step = strides[0], from_step = strides[1];
  float re[BLOCK], im[BLOCK], result[BLOCK];
  for (int64_t first = 0; first < count; first += BLOCK) {
    int64_t some = count - first < BLOCK ? count - first : BLOCK;
    for (int64_t i = 0; i < BLOCK; ++i) {
      int64_t at = first + (i < some ? i : 0);
      const float* parts = (const float*)(const void*)(from + at * from_step);
      re[i] = parts[0];
      im[i] = parts[1];
    }
    angle_block(re, im, result);
    for (int64_t i = 0; i < some; ++i) {
      *(float*)(void*)(to + (first + i) * to_step) = result[i];
    }
  }
}
#endif
