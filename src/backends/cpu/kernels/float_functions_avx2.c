// SPDX-License-Identifier: Apache-2.0
//
// Every function is a polynomial of an argument that is brought near 0, by
// halves and quarters of pi, powers of two or square roots.
#if defined(__x86_64__)
#include "backends/cpu/kernels/float_functions.h"

#include <math.h>
#include <string.h>

// Elements that are computed together.
#define BLOCK 32

#define SIMD _Pragma("omp simd")
#define PI 3.14159265358979323846

static inline uint64_t bits_of(double value) {
  union {
    double value;
    uint64_t bits;
  } pun = {.value = value};
  return pun.bits;
}

static inline double from_bits(uint64_t bits) {
  union {
    uint64_t bits;
    double value;
  } pun = {.bits = bits};
  return pun.value;
}

// ---- Exponentials ----------------------------------------------------------

typedef struct {
  double scale;  // 2^n
  double above;  // e^f - 1
} exponential_t;

// e^x = 2^n e^f, |f| <= ln 2 / 2. Beyond 2^200 or below its inverse a float is
// infinity or 0.
static inline exponential_t exponential(double x) {
  double t = x * 1.4426950408889634;
  t = t > 200.0 ? 200.0 : t;
  t = t < -200.0 ? -200.0 : t;
  // Leaves n in the lowest bits of the sum.
  double shifted = t + 0x1.8p52;
  double f = (t - (shifted - 0x1.8p52)) * 0.69314718055994531;
  double sum = fma(f, 1.0 / 40320, 1.0 / 5040);
  sum = fma(sum, f, 1.0 / 720);
  sum = fma(sum, f, 1.0 / 120);
  sum = fma(sum, f, 1.0 / 24);
  sum = fma(sum, f, 1.0 / 6);
  sum = fma(sum, f, 0.5);
  sum = fma(sum, f, 1.0);
  return (exponential_t){from_bits((bits_of(shifted) + 1023) << 52), sum * f};
}

static inline double exp_of(double x) {
  exponential_t e = exponential(x);
  return fma(e.scale, e.above, e.scale);
}

static inline double expm1_of(double x) {
  exponential_t e = exponential(x);
  return copysign(fma(e.scale, e.above, e.scale - 1.0), x);
}

static inline double sigmoid_of(double x) { return 1.0 / (1.0 + exp_of(-x)); }

static inline double tanh_of(double x) {
  exponential_t e = exponential(2 * fabs(x));
  double above = fma(e.scale, e.above, e.scale - 1.0);
  return copysign(above / (above + 2.0), x);
}

// ---- Logarithms ------------------------------------------------------------

#define SQRT_HALF_BITS 0x3fe6a09e667f3bcdu
#define EXPONENT_BIAS 1023u

// The logarithm of |x| = 1 + |above| to the base of which |one| is that of e:
// with x = 2^k m, m around 1 and s = (m - 1) / (m + 1), that of 2^k and the
// series of s, |s| < 0.172.
static inline double log_of(double x, double above, double one) {
  uint64_t bits = bits_of(x);
  uint64_t biased =
      (bits - SQRT_HALF_BITS + ((uint64_t)EXPONENT_BIAS << 52)) >> 52;
  double m = from_bits(bits - ((biased - EXPONENT_BIAS) << 52));
  // A small integer in the lowest bits of 2^52.
  double k = from_bits(biased | 0x4330000000000000u) - (0x1p52 + EXPONENT_BIAS);
  // |above| may have digits that x does not.
  above = k == 0.0 ? above : m - 1.0;
  double s = above / (above + 2.0);
  double z = s * s;
  double sum = fma(z, 2.0 / 13, 2.0 / 11);
  sum = fma(sum, z, 2.0 / 9);
  sum = fma(sum, z, 2.0 / 7);
  sum = fma(sum, z, 2.0 / 5);
  sum = fma(sum, z, 2.0 / 3);
  sum = fma(sum, z, 2.0);
  double result = one * fma(s, sum, k * 0.69314718055994531);
  double special = x == 0.0 ? -INFINITY : (double)NAN;
  special = x > 0.0 ? x : special;
  return x > 0.0 && x < INFINITY ? result : special;
}

static inline double ln_of(double x) { return log_of(x, x - 1.0, 1.0); }
static inline double log2_of(double x) {
  return log_of(x, x - 1.0, 1.4426950408889634);
}
static inline double log10_of(double x) {
  return log_of(x, x - 1.0, 0.43429448190325183);
}
static inline double log1p_of(double x) {
  return copysign(log_of(1.0 + x, x, 1.0), x);
}

// ---- Angles ----------------------------------------------------------------

// Where x less a multiple of pi / 2 keeps its digits.
#define MOST_ANGLE 1e8f

typedef struct {
  double sine, cosine;
  uint64_t quarters;  // in the lowest two bits
} angle_t;

// Sine and cosine of what is left of x after some quarters of a turn.
static inline angle_t angle_of(double x) {
  double shifted = fma(x, 2 / PI, 0x1.8p52);
  double n = shifted - 0x1.8p52;
  double r = fma(n, -1.5707963267948966, x);
  r = fma(n, -6.123233995736766e-17, r);
  double z = r * r;
  double sine = fma(z, -1.0 / 39916800, 1.0 / 362880);
  sine = fma(sine, z, -1.0 / 5040);
  sine = fma(sine, z, 1.0 / 120);
  sine = fma(sine, z, -1.0 / 6);
  sine = fma(sine * z, r, r);
  double cosine = fma(z, -1.0 / 3628800, 1.0 / 40320);
  cosine = fma(cosine, z, -1.0 / 720);
  cosine = fma(cosine, z, 1.0 / 24);
  cosine = fma(cosine, z, -0.5);
  cosine = fma(cosine, z, 1.0);
  return (angle_t){sine, cosine, bits_of(shifted)};
}

// The sine after |quarters| more quarters of a turn.
static inline double turned(angle_t angle, uint64_t quarters) {
  quarters += angle.quarters;
  double value = (quarters & 1) != 0 ? angle.cosine : angle.sine;
  return from_bits(bits_of(value) ^ ((quarters & 2) << 62));
}

static inline double sin_of(double x) { return turned(angle_of(x), 0); }
static inline double cos_of(double x) { return turned(angle_of(x), 1); }
static inline double tan_of(double x) {
  angle_t angle = angle_of(x);
  bool odd = (angle.quarters & 1) != 0;
  double above = odd ? -angle.cosine : angle.sine;
  double below = odd ? angle.sine : angle.cosine;
  return above / below;
}

#define TAN_PI_8 0.41421356237309505

static inline double atan_of(double x) {
  double a = fabs(x);
  // Of 1 / a above 1; of tan(angle - pi / 4) above tan(pi / 8).
  double quotient = a > 1.0 ? 1.0 / a : a;
  double above = quotient > TAN_PI_8 ? 1.0 : 0.0;
  double t = (quotient - above) / fma(quotient, above, 1.0);
  double z = t * t;
  double sum = fma(z, 1.0 / 21, -1.0 / 19);
  sum = fma(sum, z, 1.0 / 17);
  sum = fma(sum, z, -1.0 / 15);
  sum = fma(sum, z, 1.0 / 13);
  sum = fma(sum, z, -1.0 / 11);
  sum = fma(sum, z, 1.0 / 9);
  sum = fma(sum, z, -1.0 / 7);
  sum = fma(sum, z, 1.0 / 5);
  sum = fma(sum, z, -1.0 / 3);
  double angle = fma(t * z, sum, t) + above * (PI / 4);
  angle = a > 1.0 ? PI / 2 - angle : angle;
  return copysign(angle, x);
}

// The arc sine of the root of z <= 1/4, whose root is |root|: fitted.
static inline double short_arc(double z, double root) {
  double sum = fma(z, 0.034748420119285583, 0.0074010093230754137);
  sum = fma(sum, z, 0.024650862746057101);
  sum = fma(sum, z, 0.030102506725597777);
  sum = fma(sum, z, 0.044661139340291811);
  sum = fma(sum, z, 0.074999419085434227);
  sum = fma(sum, z, 0.16666667364191096);
  return fma(sum * z, root, root);
}

static inline double asin_of(double x) {
  double a = fabs(x);
  bool small = a <= 0.5;
  double z = small ? x * x : 0.5 - 0.5 * a;
  double arc = short_arc(z, small ? a : sqrt(z));
  return copysign(small ? arc : PI / 2 - 2 * arc, x);
}

static inline double acos_of(double x) {
  double a = fabs(x);
  bool small = a <= 0.5;
  double z = small ? x * x : 0.5 - 0.5 * a;
  double arc = short_arc(z, small ? x : sqrt(z));
  double large = x < 0 ? PI - 2 * arc : 2 * arc;
  return small ? PI / 2 - arc : large;
}

// ---- Error functions -------------------------------------------------------

// As x P(x^2) / Q(x^2), fitted on [0, 3.92] with an error of 2e-9; beyond,
// floats cannot tell it from 1.
static inline double erf_of(double x) {
  double t = x * x;
  double p = fma(t, -1.279872188815e-08, 4.609007429254e-06);
  p = fma(p, t, 0.0003767520040746);
  p = fma(p, t, 0.003838661106176);
  p = fma(p, t, 0.05424399507977);
  p = fma(p, t, 0.1851368063868);
  p = fma(p, t, 1.128379169117);
  double q = fma(t, 6.239705466133e-05, 0.001301523592111);
  q = fma(q, t, 0.01543009868625);
  q = fma(q, t, 0.1138742198959);
  q = fma(q, t, 0.4974066286671);
  q = fma(q, t, 1.0);
  return fabs(x) > 3.92 ? copysign(1.0, x) : x * p / q;
}

// e^(x^2) erfc(x) of x = 2.5 (1 + t) / (1 - t) is fitted on [0, 10.5]; beyond,
// erfc of floats is 0.
static inline double erfc_of(double x) {
  double a = fabs(x);
  a = a > 10.5 ? 10.5 : a;
  double t = (a - 2.5) / (a + 2.5);
  double sum = fma(t, 5.9625491939077755e-06, 1.5193688736070437e-05);
  sum = fma(sum, t, -3.3849245251862893e-05);
  sum = fma(sum, t, -0.00012676965985167907);
  sum = fma(sum, t, 0.00022849451260930907);
  sum = fma(sum, t, 0.00087525382578457331);
  sum = fma(sum, t, -0.0026424207346102744);
  sum = fma(sum, t, -0.0039935941521265141);
  sum = fma(sum, t, 0.039922545572205599);
  sum = fma(sum, t, -0.1250330601931649);
  sum = fma(sum, t, 0.25171319303364775);
  sum = fma(sum, t, -0.37173673377979666);
  sum = fma(sum, t, 0.2108063640609768);
  double result = sum * exp_of(-a * a);
  return x < 0 ? 2.0 - result : result;
}

// ---- Loops -----------------------------------------------------------------

typedef void (*block_fn)(const float* from, float* to);

// |block| is inlined into the loop of each function.
static inline __attribute__((always_inline)) void run(block_fn block,
                                                      char* const* data,
                                                      const int64_t* strides,
                                                      int64_t count) {
  const int64_t size = (int64_t)sizeof(float);
  const bool dense = strides[0] == size && strides[1] == size;
  int64_t first = 0;
  for (; dense && first + BLOCK <= count; first += BLOCK) {
    block((const float*)(const void*)data[1] + first,
          (float*)(void*)data[0] + first);
  }
  float in[BLOCK], out[BLOCK];
  for (; first < count; first += BLOCK) {
    int64_t some = count - first < BLOCK ? count - first : BLOCK;
    for (int64_t i = 0; i < BLOCK; ++i) {
      int64_t at = first + (i < some ? i : 0);
      memcpy(&in[i], data[1] + at * strides[1], sizeof(float));
    }
    block(in, out);
    for (int64_t i = 0; i < some; ++i) {
      memcpy(data[0] + (first + i) * strides[0], &out[i], sizeof(float));
    }
  }
}

#define LOOP(name)                                                     \
  void pt2__##name##_f32_avx2(const void* context, char* const* data,  \
                              const int64_t* strides, int64_t count) { \
    (void)context;                                                     \
    run(name##_block, data, strides, count);                           \
  }

#define IN_DOUBLE(name, function)                                 \
  static inline void name##_block(const float* from, float* to) { \
    SIMD for (int i = 0; i < BLOCK; ++i) {                        \
      to[i] = (float)function((double)from[i]);                   \
    }                                                             \
  }                                                               \
  LOOP(name)
IN_DOUBLE(acos, acos_of)
IN_DOUBLE(asin, asin_of)
IN_DOUBLE(atan, atan_of)
IN_DOUBLE(erf, erf_of)
IN_DOUBLE(erfc, erfc_of)
IN_DOUBLE(exp, exp_of)
IN_DOUBLE(expm1, expm1_of)
IN_DOUBLE(log, ln_of)
IN_DOUBLE(log10, log10_of)
IN_DOUBLE(log1p, log1p_of)
IN_DOUBLE(log2, log2_of)
IN_DOUBLE(sigmoid, sigmoid_of)
IN_DOUBLE(tanh, tanh_of)

#define OF_ANGLE(name, function, library)                         \
  static inline void name##_block(const float* from, float* to) { \
    int special = 0;                                              \
    SIMD for (int i = 0; i < BLOCK; ++i) {                        \
      special |= !(fabsf(from[i]) < MOST_ANGLE);                  \
    }                                                             \
    if (special) {                                                \
      for (int i = 0; i < BLOCK; ++i) {                           \
        to[i] = library(from[i]);                                 \
      }                                                           \
      return;                                                     \
    }                                                             \
    SIMD for (int i = 0; i < BLOCK; ++i) {                        \
      to[i] = (float)function((double)from[i]);                   \
    }                                                             \
  }                                                               \
  LOOP(name)
OF_ANGLE(cos, cos_of, cosf)
OF_ANGLE(sin, sin_of, sinf)
OF_ANGLE(tan, tan_of, tanf)

#define ROUNDED(name, expression)                                 \
  static inline void name##_block(const float* from, float* to) { \
    SIMD for (int i = 0; i < BLOCK; ++i) {                        \
      const float x = from[i];                                    \
      to[i] = (expression);                                       \
    }                                                             \
  }                                                               \
  LOOP(name)
ROUNDED(ceil, ceilf(x))
ROUNDED(floor, floorf(x))
ROUNDED(frac, x - truncf(x))
ROUNDED(round, nearbyintf(x))
ROUNDED(trunc, truncf(x))
#endif
