// SPDX-License-Identifier: Apache-2.0
//
// Vector functions with SLEEF's names: our own against libm, and SLEEF's where
// it is installed, over their whole domain.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shim/sleef.h"

typedef double (*unary_fn)(double);
typedef double (*binary_fn)(double, double);
typedef void* (*resolve_fn)(const char*);

static double reference_log_gamma(double x) {
  int sign;
  return lgamma_r(x, &sign);
}

// Where the arguments lie: SLEEF promises its accuracy for those.
typedef struct {
  const char* name;
  const char* suffix;
  unary_fn reference;
  double from;
  double to;
  double ulps;
} unary_row_t;

static const unary_row_t unary_rows[] = {
    {"acos", "_u10", acos, -1, 1, 1.0},
    {"acosh", "_u10", acosh, 1, 1e6, 1.0},
    {"asin", "_u10", asin, -1, 1, 1.0},
    {"asinh", "_u10", asinh, -1e6, 1e6, 1.0},
    {"atan", "_u10", atan, -1e3, 1e3, 1.0},
    {"atanh", "_u10", atanh, -0.999, 0.999, 1.0},
    {"cos", "_u10", cos, -100, 100, 1.0},
    {"cos", "_u35", cos, -100, 100, 3.5},
    {"cosh", "_u10", cosh, -80, 80, 1.0},
    {"erf", "_u10", erf, -5, 5, 1.0},
    {"erfc", "_u15", erfc, -5, 5, 1.5},
    {"exp", "_u10", exp, -80, 80, 1.0},
    {"exp2", "_u10", exp2, -120, 120, 1.0},
    {"expm1", "_u10", expm1, -80, 80, 1.0},
    {"lgamma", "_u10", reference_log_gamma, 3, 1e4, 1.0},
    {"log", "_u10", log, 1e-30, 1e30, 1.0},
    {"log10", "_u10", log10, 1e-30, 1e30, 1.0},
    {"log1p", "_u10", log1p, -0.999, 1e6, 1.0},
    {"log2", "_u10", log2, 1e-30, 1e30, 1.0},
    {"sin", "_u10", sin, -100, 100, 1.0},
    {"sin", "_u35", sin, -100, 100, 3.5},
    {"sinh", "_u10", sinh, -80, 80, 1.0},
    {"tan", "_u10", tan, -100, 100, 1.0},
    {"tanh", "_u10", tanh, -10, 10, 1.0},
};

typedef struct {
  const char* name;
  const char* suffix;
  binary_fn reference;
  double ulps;
} binary_row_t;

static const binary_row_t binary_rows[] = {
    {"atan2", "_u10", atan2, 1.0}, {"hypot", "_u05", hypot, 0.51},
    {"pow", "_u10", pow, 1.0},     {"copysign", "", copysign, 0},
    {"fmod", "", fmod, 0},
};

static double ulps_f(float got, double wanted) {
  float rounded = (float)wanted;
  double unit = nextafterf(fabsf(rounded), INFINITY) - (double)fabsf(rounded);
  return got == rounded ? 0 : fabs((double)got - wanted) / unit;
}

static double ulps_d(double got, double wanted) {
  double unit = nextafter(fabs(wanted), INFINITY) - fabs(wanted);
  return got == wanted ? 0 : fabs(got - wanted) / unit;
}

static double argument(const unary_row_t* row, int step, int steps) {
  double at = (double)step / (steps - 1);
  // Where the range spans many powers, step through them evenly.
  if (row->from > 0 && row->to / row->from > 1e6) {
    return row->from * pow(row->to / row->from, at);
  }
  return row->from + (row->to - row->from) * at;
}

#define STEPS 4096

// Vectors by their size in bytes; the target makes them travel in registers as
// the callee wants them.
#define CHECKS(bytes, target)                                                  \
  typedef float f##bytes##_t __attribute__((vector_size(bytes)));              \
  typedef double d##bytes##_t __attribute__((vector_size(bytes)));             \
  target static double worst_f##bytes(void* address, const unary_row_t* row) { \
    f##bytes##_t (*function)(f##bytes##_t) =                                   \
        (f##bytes##_t(*)(f##bytes##_t))address;                                \
    int lanes = bytes / 4;                                                     \
    double worst = 0;                                                          \
    for (int i = 0; i < STEPS; i += lanes) {                                   \
      f##bytes##_t x;                                                          \
      for (int j = 0; j < lanes; ++j) {                                        \
        x[j] = (float)argument(row, i + j, STEPS);                             \
        /* Rounding may have left the domain. */                               \
        x[j] = x[j] < row->from ? nextafterf(x[j], INFINITY) : x[j];           \
      }                                                                        \
      f##bytes##_t y = function(x);                                            \
      for (int j = 0; j < lanes; ++j) {                                        \
        worst = fmax(worst, ulps_f(y[j], row->reference((double)x[j])));       \
      }                                                                        \
    }                                                                          \
    return worst;                                                              \
  }                                                                            \
  target static double worst_d##bytes(void* address, const unary_row_t* row) { \
    d##bytes##_t (*function)(d##bytes##_t) =                                   \
        (d##bytes##_t(*)(d##bytes##_t))address;                                \
    int lanes = bytes / 8;                                                     \
    double worst = 0;                                                          \
    for (int i = 0; i < STEPS; i += lanes) {                                   \
      d##bytes##_t x;                                                          \
      for (int j = 0; j < lanes; ++j) {                                        \
        x[j] = argument(row, i + j, STEPS);                                    \
      }                                                                        \
      d##bytes##_t y = function(x);                                            \
      for (int j = 0; j < lanes; ++j) {                                        \
        worst = fmax(worst, ulps_d(y[j], row->reference(x[j])));               \
      }                                                                        \
    }                                                                          \
    return worst;                                                              \
  }                                                                            \
  target static double worst_pair_f##bytes(void* address,                      \
                                           const binary_row_t* row) {          \
    f##bytes##_t (*function)(f##bytes##_t, f##bytes##_t) =                     \
        (f##bytes##_t(*)(f##bytes##_t, f##bytes##_t))address;                  \
    int lanes = bytes / 4;                                                     \
    double worst = 0;                                                          \
    for (int i = 0; i < STEPS; i += lanes) {                                   \
      f##bytes##_t x;                                                          \
      f##bytes##_t y;                                                          \
      for (int j = 0; j < lanes; ++j) {                                        \
        x[j] = 0.1f + 0.01f * (float)(i + j);                                  \
        y[j] = 2.5f - 0.001f * (float)(i + j);                                 \
      }                                                                        \
      f##bytes##_t z = function(x, y);                                         \
      for (int j = 0; j < lanes; ++j) {                                        \
        worst = fmax(                                                          \
            worst, ulps_f(z[j], row->reference((double)x[j], (double)y[j])));  \
      }                                                                        \
    }                                                                          \
    return worst;                                                              \
  }                                                                            \
  target static void specials_f##bytes(void* address) {                        \
    f##bytes##_t (*function)(f##bytes##_t) =                                   \
        (f##bytes##_t(*)(f##bytes##_t))address;                                \
    f##bytes##_t x = {NAN, INFINITY, -INFINITY, 0.0f};                         \
    f##bytes##_t y = function(x);                                              \
    assert_true(isnan(y[0]));                                                  \
    assert_true(y[1] == INFINITY);                                             \
    assert_true(y[2] == 0.0f);                                                 \
    assert_true(y[3] == 1.0f);                                                 \
  }

CHECKS(16, )
#if defined(__x86_64__)
CHECKS(32, __attribute__((target("avx2"))))
CHECKS(64, __attribute__((target("avx512f"))))
#endif

static void* resolve_named(resolve_fn resolve, const char* name,
                           const char* kind, const char* suffix) {
  char symbol[64];
  snprintf(symbol, sizeof(symbol), "Sleef_%s%s%s", name, kind, suffix);
  void* address = resolve(symbol);
  if (address == NULL) {
    fail_msg("%s is not there", symbol);
  }
  return address;
}

static void expect(double worst, double ulps, const char* name,
                   const char* kind) {
  if (!(worst <= ulps)) {
    fail_msg("%s%s: off by %.2f ulp, allowed %.2f", name, kind, worst, ulps);
  }
}

static void check_width_16(resolve_fn resolve) {
  for (size_t i = 0; i < sizeof(unary_rows) / sizeof(unary_rows[0]); ++i) {
    const unary_row_t* row = &unary_rows[i];
    expect(worst_f16(resolve_named(resolve, row->name, "f4", row->suffix), row),
           row->ulps, row->name, "f4");
    // The reference is a double itself, good to two units in places.
    expect(worst_d16(resolve_named(resolve, row->name, "d2", row->suffix), row),
           row->ulps + 2, row->name, "d2");
  }
  for (size_t i = 0; i < sizeof(binary_rows) / sizeof(binary_rows[0]); ++i) {
    const binary_row_t* row = &binary_rows[i];
    resolve_named(resolve, row->name, "d2", row->suffix);
    expect(worst_pair_f16(resolve_named(resolve, row->name, "f4", row->suffix),
                          row),
           row->ulps, row->name, "f4");
  }
  specials_f16(resolve_named(resolve, "exp", "f4", "_u10"));
}

#if defined(__x86_64__)
static void check_width_32(resolve_fn resolve) {
  for (size_t i = 0; i < sizeof(unary_rows) / sizeof(unary_rows[0]); ++i) {
    const unary_row_t* row = &unary_rows[i];
    expect(worst_f32(resolve_named(resolve, row->name, "f8", row->suffix), row),
           row->ulps, row->name, "f8");
    expect(worst_d32(resolve_named(resolve, row->name, "d4", row->suffix), row),
           row->ulps + 2, row->name, "d4");
  }
  for (size_t i = 0; i < sizeof(binary_rows) / sizeof(binary_rows[0]); ++i) {
    const binary_row_t* row = &binary_rows[i];
    expect(worst_pair_f32(resolve_named(resolve, row->name, "f8", row->suffix),
                          row),
           row->ulps, row->name, "f8");
  }
  specials_f32(resolve_named(resolve, "exp", "f8", "_u10"));
}

static void check_width_64(resolve_fn resolve) {
  for (size_t i = 0; i < sizeof(unary_rows) / sizeof(unary_rows[0]); ++i) {
    const unary_row_t* row = &unary_rows[i];
    expect(
        worst_f64(resolve_named(resolve, row->name, "f16", row->suffix), row),
        row->ulps, row->name, "f16");
    expect(worst_d64(resolve_named(resolve, row->name, "d8", row->suffix), row),
           row->ulps + 2, row->name, "d8");
  }
  for (size_t i = 0; i < sizeof(binary_rows) / sizeof(binary_rows[0]); ++i) {
    const binary_row_t* row = &binary_rows[i];
    expect(worst_pair_f64(resolve_named(resolve, row->name, "f16", row->suffix),
                          row),
           row->ulps, row->name, "f16");
  }
  specials_f64(resolve_named(resolve, "exp", "f16", "_u10"));
}
#endif

static void check_all(resolve_fn resolve) {
  check_width_16(resolve);
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    check_width_32(resolve);
  }
  if (__builtin_cpu_supports("avx512f")) {
    check_width_64(resolve);
  }
#endif
}

static void test_our_own(void** state) {
  (void)state;
  check_all(pt2__sleef_portable);
}

static void test_what_models_are_bound_to(void** state) {
  (void)state;
  check_all(pt2__sleef_resolve);
}

static void test_exact_neighbours(void** state) {
  (void)state;
  typedef f16_t (*next_fn)(f16_t, f16_t);
  next_fn next = (next_fn)pt2__sleef_portable("Sleef_nextafterf4");
  f16_t from = {1, -1, 0, 3};
  f16_t to = {2, -2, 1, 3};
  f16_t got = next(from, to);
  for (int i = 0; i < 4; ++i) {
    assert_true(got[i] == nextafterf(from[i], to[i]));
  }
}

typedef struct {
  f16_t x;
  f16_t y;
} pair_t;

static void test_sine_and_cosine_at_once(void** state) {
  (void)state;
  pair_t (*both)(f16_t) =
      (pair_t(*)(f16_t))pt2__sleef_portable("Sleef_sincosf4_u10");
  f16_t x = {0.5f, -1.0f, 10.0f, 100.0f};
  pair_t got = both(x);
  for (int i = 0; i < 4; ++i) {
    assert_true(ulps_f(got.x[i], sin((double)x[i])) <= 1);
    assert_true(ulps_f(got.y[i], cos((double)x[i])) <= 1);
  }
}

static void test_unknown_names(void** state) {
  (void)state;
  assert_null(pt2__sleef_resolve("Sleef_expf8_u99"));
  assert_null(pt2__sleef_portable("Sleef_"));
  assert_null(pt2__sleef_portable(""));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_our_own),
      cmocka_unit_test(test_what_models_are_bound_to),
      cmocka_unit_test(test_exact_neighbours),
      cmocka_unit_test(test_sine_and_cosine_at_once),
      cmocka_unit_test(test_unknown_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
