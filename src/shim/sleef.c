// SPDX-License-Identifier: Apache-2.0
#include "shim/sleef.h"

#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>

// ---- Our own ---------------------------------------------------------------

#if defined(__GNUC__)

typedef float f4_t __attribute__((vector_size(16)));
typedef double d2_t __attribute__((vector_size(16)));
#define ANY_TARGET
#if defined(__x86_64__)
typedef float f8_t __attribute__((vector_size(32)));
typedef double d4_t __attribute__((vector_size(32)));
typedef float f16_t __attribute__((vector_size(64)));
typedef double d8_t __attribute__((vector_size(64)));
// The target makes the compiler pass such vectors in registers, as the caller
// does.
#define YMM_TARGET __attribute__((target("avx2")))
#define ZMM_TARGET __attribute__((target("avx512f")))
#endif

// lgamma writes a global that other threads would race for.
static double log_gamma(double x) {
  int sign;
  return lgamma_r(x, &sign);
}

// One lane of each kind. Floats go through double; where a result is exact by
// definition the float function is the right one.
#define LANE_F1(name, of) \
  static float lane_f_##name(float x) { return (float)of((double)x); }
#define LANE_D1(name, of) \
  static double lane_d_##name(double x) { return of(x); }
#define LANE_F2(name, of)                        \
  static float lane_f_##name(float x, float y) { \
    return (float)of((double)x, (double)y);      \
  }
#define LANE_D2(name, of) \
  static double lane_d_##name(double x, double y) { return of(x, y); }
#define LANE_EXACT(name)                                                 \
  static float lane_f_##name(float x, float y) { return name##f(x, y); } \
  LANE_D2(name, name)

// clang-format off
// X(name in libm, suffix, function of double)
#define UNARY(X)                                                  \
  X(acos, _u10, acos) X(acosh, _u10, acosh) X(asin, _u10, asin)   \
  X(asinh, _u10, asinh) X(atan, _u10, atan) X(atanh, _u10, atanh) \
  X(cos, _u10, cos) X(cosh, _u10, cosh) X(erf, _u10, erf)         \
  X(erfc, _u15, erfc) X(exp, _u10, exp) X(exp2, _u10, exp2)       \
  X(expm1, _u10, expm1) X(lgamma, _u10, log_gamma)                \
  X(log, _u10, log) X(log10, _u10, log10) X(log1p, _u10, log1p)   \
  X(log2, _u10, log2) X(sin, _u10, sin) X(sinh, _u10, sinh)       \
  X(tan, _u10, tan) X(tanh, _u10, tanh)
#define BINARY(X)                                             \
  X(atan2, _u10) X(hypot, _u05) X(pow, _u10) X(copysign, )    \
  X(fmod, ) X(nextafter, )
// clang-format on

#define X(name, suffix, of) LANE_F1(name, of) LANE_D1(name, of)
UNARY(X)
#undef X
LANE_F2(atan2, atan2)
LANE_D2(atan2, atan2)
LANE_F2(hypot, hypot)
LANE_D2(hypot, hypot)
LANE_F2(pow, pow)
LANE_D2(pow, pow)
LANE_EXACT(copysign)
LANE_EXACT(fmod)
LANE_EXACT(nextafter)

#define VECTOR_1(target, vector, lane, lanes, name)        \
  target static vector##_t vector##_##name(vector##_t x) { \
    for (int i = 0; i < lanes; ++i) {                      \
      x[i] = lane_##lane##_##name(x[i]);                   \
    }                                                      \
    return x;                                              \
  }
#define VECTOR_2(target, vector, lane, lanes, name)                      \
  target static vector##_t vector##_##name(vector##_t x, vector##_t y) { \
    for (int i = 0; i < lanes; ++i) {                                    \
      x[i] = lane_##lane##_##name(x[i], y[i]);                           \
    }                                                                    \
    return x;                                                            \
  }
// SLEEF returns both of sincos as a pair of vectors.
#define VECTOR_SINCOS(target, vector, lane, lanes)              \
  typedef struct {                                              \
    vector##_t x;                                               \
    vector##_t y;                                               \
  } vector##_pair_t;                                            \
  target static vector##_pair_t vector##_sincos(vector##_t a) { \
    vector##_pair_t pair;                                       \
    for (int i = 0; i < lanes; ++i) {                           \
      pair.x[i] = lane_##lane##_sin(a[i]);                      \
      pair.y[i] = lane_##lane##_cos(a[i]);                      \
    }                                                           \
    return pair;                                                \
  }

#define X(name, suffix, of)            \
  VECTOR_1(ANY_TARGET, f4, f, 4, name) \
  VECTOR_1(ANY_TARGET, d2, d, 2, name)
UNARY(X)
#undef X
#define X(name, suffix) \
  VECTOR_2(ANY_TARGET, f4, f, 4, name) VECTOR_2(ANY_TARGET, d2, d, 2, name)
BINARY(X)
#undef X
VECTOR_SINCOS(ANY_TARGET, f4, f, 4)
VECTOR_SINCOS(ANY_TARGET, d2, d, 2)

#if defined(__x86_64__)
#define X(name, suffix, of)              \
  VECTOR_1(YMM_TARGET, f8, f, 8, name)   \
  VECTOR_1(YMM_TARGET, d4, d, 4, name)   \
  VECTOR_1(ZMM_TARGET, f16, f, 16, name) \
  VECTOR_1(ZMM_TARGET, d8, d, 8, name)
UNARY(X)
#undef X
#define X(name, suffix)                  \
  VECTOR_2(YMM_TARGET, f8, f, 8, name)   \
  VECTOR_2(YMM_TARGET, d4, d, 4, name)   \
  VECTOR_2(ZMM_TARGET, f16, f, 16, name) \
  VECTOR_2(ZMM_TARGET, d8, d, 8, name)
BINARY(X)
#undef X
VECTOR_SINCOS(YMM_TARGET, f8, f, 8)
VECTOR_SINCOS(YMM_TARGET, d4, d, 4)
VECTOR_SINCOS(ZMM_TARGET, f16, f, 16)
VECTOR_SINCOS(ZMM_TARGET, d8, d, 8)
#define ROWS_WIDE(name, suffix)                          \
  {"Sleef_" #name "f8" #suffix, (void*)f8_##name},       \
      {"Sleef_" #name "d4" #suffix, (void*)d4_##name},   \
      {"Sleef_" #name "f16" #suffix, (void*)f16_##name}, \
      {"Sleef_" #name "d8" #suffix, (void*)d8_##name},
#else
#define ROWS_WIDE(name, suffix)
#endif

#define ROWS(name, suffix)                         \
  {"Sleef_" #name "f4" #suffix, (void*)f4_##name}, \
      {"Sleef_" #name "d2" #suffix, (void*)d2_##name}, ROWS_WIDE(name, suffix)

void* pt2__sleef_portable(const char* symbol) {
#define X(name, suffix, of) ROWS(name, suffix)
#define Y(name, suffix) ROWS(name, suffix)
  static const struct {
    const char* symbol;
    void* address;
  } rows[] = {UNARY(X) BINARY(Y) ROWS(sin, _u35) ROWS(cos, _u35)
                  ROWS(sincos, _u10)};
#undef X
#undef Y
  for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
    if (strcmp(symbol, rows[i].symbol) == 0) {
      return rows[i].address;
    }
  }
  return NULL;
}

#else

void* pt2__sleef_portable(const char* symbol) {
  (void)symbol;
  return NULL;
}

#endif

// ---- SLEEF -----------------------------------------------------------------

static void* library;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_library(void) {
  library = dlopen("libsleef.so.3", RTLD_NOW | RTLD_LOCAL);
}

void* pt2__sleef_resolve(const char* symbol) {
  pthread_once(&once, open_library);
  void* address = library != NULL ? dlsym(library, symbol) : NULL;
  return address != NULL ? address : pt2__sleef_portable(symbol);
}
