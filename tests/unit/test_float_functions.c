// SPDX-License-Identifier: Apache-2.0
//
// Functions and powers of floats against the C library's of doubles. Which
// loops there are is up to the CPU or to $PT2_CPU_LEVEL.
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backends/cpu/kernels/elementwise/float_functions.h"
#include "backends/cpu/kernels/elementwise/power.h"
#include "support/skip.h"

static double fraction(double x) { return x - trunc(x); }

typedef struct {
  const char* name;
  pt2__float_function_t function;
  double (*reference)(double x);
  double ulps;
} row_t;

// All but lgamma, of which the C library has no better one near its zeros, and
// the sigmoid, which like PyTorch's has no results below normal floats.
static const row_t rows[] = {
    {"acos", PT2__FLOAT_acos, acos, 1.0},
    {"asin", PT2__FLOAT_asin, asin, 1.0},
    {"atan", PT2__FLOAT_atan, atan, 1.03},
    {"ceil", PT2__FLOAT_ceil, ceil, 0.0},
    {"cos", PT2__FLOAT_cos, cos, 1.0},
    {"cosh", PT2__FLOAT_cosh, cosh, 1.0},
    {"erf", PT2__FLOAT_erf, erf, 1.0},
    {"erfc", PT2__FLOAT_erfc, erfc, 1.0},
    {"exp", PT2__FLOAT_exp, exp, 1.0},
    {"expm1", PT2__FLOAT_expm1, expm1, 1.0},
    {"floor", PT2__FLOAT_floor, floor, 0.0},
    {"frac", PT2__FLOAT_frac, fraction, 0.0},
    {"log", PT2__FLOAT_log, log, 1.0},
    {"log10", PT2__FLOAT_log10, log10, 1.0},
    {"log1p", PT2__FLOAT_log1p, log1p, 1.0},
    {"log2", PT2__FLOAT_log2, log2, 1.0},
    {"round", PT2__FLOAT_round, nearbyint, 0.0},
    {"sin", PT2__FLOAT_sin, sin, 1.0},
    {"sinh", PT2__FLOAT_sinh, sinh, 1.0},
    // Of large angles the C library's.
    {"tan", PT2__FLOAT_tan, tan, 1.5},
    {"tanh", PT2__FLOAT_tanh, tanh, 1.0},
    {"trunc", PT2__FLOAT_trunc, trunc, 0.0},
};
enum { ROWS = sizeof(rows) / sizeof(*rows) };

static const float specials[] = {
    0.0f,        -0.0f,       1.0f,       -1.0f,        INFINITY,    -INFINITY,
    NAN,         1e-45f,      -1e-45f,    FLT_MAX,      -FLT_MAX,    FLT_MIN,
    -FLT_MIN,    0.5f,        -0.5f,      2.0f,         -2.0f,       3.0f,
    -3.0f,       0.99999994f, 1.0000001f, -0.99999994f, -1.0000001f, 88.72f,
    88.73f,      -87.4f,      -103.9f,    -104.1f,      9.02f,       10.05f,
    10.06f,      -149.0f,     150.0f,     65535.0f,     65536.0f,    1e8f,
    -1e9f,       16777217.0f, 8388607.5f, -2.5f,        0x1p30f,     -0x1p31f,
    33554432.0f, -16777215.0f};
enum { SPECIALS = sizeof(specials) / sizeof(*specials) };

// Also of numbers that are not normal and of what is rounded to infinity.
static double ulps(float got, double wanted) {
  const float rounded = (float)wanted;
  if (isnan(wanted) || isnan(got)) {
    return isnan(wanted) && isnan(got) ? 0 : INFINITY;
  }
  if (got == 0 && rounded == 0) {
    return signbit(got) && !signbit(wanted) ? INFINITY : 0;
  }
  if (isinf(got) && isinf(rounded)) {
    return got == rounded ? 0 : INFINITY;
  }
  int exponent;
  (void)frexp(fabs(wanted) > FLT_MAX ? (double)FLT_MAX : wanted, &exponent);
  const double unit = ldexp(1, (exponent < -125 ? -125 : exponent) - 24);
  const double value =
      isinf(got) ? copysign(0x1p128, (double)got) : (double)got;
  return fabs(value - wanted) / unit;
}

static pt2__elementwise_loop_fn loop_or_skip(pt2__float_function_t function) {
  pt2__elementwise_kernel_t kernel;
  if (!pt2__float_kernel(function, PT2_DTYPE_F32, &kernel)) {
    SKIP("this CPU's level has no such loops");
  }
  return kernel.loop;
}

// ---- Accuracy ---------------------------------------------------------------

enum { CHUNK = 4096 };
// Between bits of arguments; a prime.
#define STEP 2053u

static void check_row(const row_t* row, const float* x, const float* y,
                      int count) {
  for (int i = 0; i < count; ++i) {
    const double wanted = row->reference((double)x[i]);
    const double distance = ulps(y[i], wanted);
    if (!(distance <= row->ulps)) {
      fail_msg("%s(%a) is %a, %g units from %a", row->name, (double)x[i],
               (double)y[i], distance, wanted);
    }
  }
}

static void run(pt2__elementwise_loop_fn loop, const float* x, float* y,
                int count) {
  char* const data[] = {(char*)y, (char*)(uintptr_t)x};
  const int64_t strides[] = {sizeof(float), sizeof(float)};
  loop(NULL, data, strides, count);
}

static void test_accuracy(void** state) {
  (void)state;
  static float x[CHUNK], y[CHUNK];
  for (int r = 0; r < ROWS; ++r) {
    const pt2__elementwise_loop_fn loop = loop_or_skip(rows[r].function);
    for (uint64_t bits = 0; bits <= UINT32_MAX;) {
      int count = 0;
      for (; count < CHUNK && bits <= UINT32_MAX; ++count, bits += STEP) {
        const uint32_t narrow = (uint32_t)bits;
        memcpy(&x[count], &narrow, sizeof(narrow));
      }
      run(loop, x, y, count);
      check_row(&rows[r], x, y, count);
    }
  }
}

static void test_special_values(void** state) {
  (void)state;
  float y[SPECIALS];
  for (int r = 0; r < ROWS; ++r) {
    run(loop_or_skip(rows[r].function), specials, y, SPECIALS);
    check_row(&rows[r], specials, y, SPECIALS);
  }
}

// ---- Places -----------------------------------------------------------------

enum { MOST_COUNT = 70, MOST_STRIDE = 3 };

// An element's result is the same at any place, and nothing else is written.
static void check_places(pt2__elementwise_loop_fn loop, int inputs) {
  float a[MOST_COUNT * MOST_STRIDE], b[MOST_COUNT * MOST_STRIDE];
  float y[MOST_COUNT * MOST_STRIDE], wanted;
  for (int i = 0; i < MOST_COUNT * MOST_STRIDE; ++i) {
    a[i] = i % 13 == 5 ? specials[i % SPECIALS] : (float)(i + 1) * 0.01f;
    b[i] = i % 17 == 5 ? specials[i % SPECIALS] : (float)(i - 60) * 0.03f;
  }
  const int64_t size = sizeof(float);
  for (int64_t step = 0; step < 4 * 4 * MOST_STRIDE; ++step) {
    const int64_t strides[] = {(step / 16 + 1) * size, step % 4 * size,
                               step / 4 % 4 * size};
    for (int count = 0; count <= MOST_COUNT; count += count < 34 ? 1 : 9) {
      memset(y, 0xff, sizeof(y));
      char* const data[] = {(char*)y, (char*)a, (char*)b};
      loop(NULL, data, strides, count);
      for (int64_t i = 0; i < MOST_COUNT * MOST_STRIDE; ++i) {
        memset(&wanted, 0xff, sizeof(wanted));
        const int64_t at = i * size / strides[0];
        if (at * strides[0] == i * size && at < count) {
          char* const one[] = {(char*)&wanted, (char*)a + at * strides[1],
                               (char*)b + at * strides[2]};
          loop(NULL, one, strides, 1);
        }
        assert_memory_equal(&y[i], &wanted, sizeof(wanted));
      }
    }
    if (inputs == 1) {
      step += step % 16 == 3 ? 12 : 0;
    }
  }
}

static void test_places(void** state) {
  (void)state;
  for (int r = 0; r < ROWS; ++r) {
    check_places(loop_or_skip(rows[r].function), 1);
  }
}

static void test_places_of_powers(void** state) {
  (void)state;
  check_places(pt2__power_loop(PT2_DTYPE_F32), 2);
}

// ---- Powers -----------------------------------------------------------------

static void check_powers(const float* x, const float* y, int count) {
  static float powers[CHUNK];
  char* const data[] = {(char*)powers, (char*)(uintptr_t)x,
                        (char*)(uintptr_t)y};
  const int64_t strides[] = {sizeof(float), sizeof(float), sizeof(float)};
  pt2__power_loop(PT2_DTYPE_F32)(NULL, data, strides, count);
  for (int i = 0; i < count; ++i) {
    const double wanted = pow((double)x[i], (double)y[i]);
    const double distance = ulps(powers[i], wanted);
    if (!(distance <= 1.0)) {
      fail_msg("pow(%a, %a) is %a, %g units from %a", (double)x[i],
               (double)y[i], (double)powers[i], distance, wanted);
    }
  }
}

static void test_powers(void** state) {
  (void)state;
  static float x[CHUNK], y[CHUNK];
  uint64_t bits = 1;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < CHUNK; ++i) {
      bits = bits * 6364136223846793005u + 1442695040888963407u;
      const uint32_t any = (uint32_t)(bits >> 33) % 0x7f800000u;
      // Of all sizes, near 1 and around it; with results of all sizes.
      memcpy(&x[i], &any, sizeof(any));
      x[i] = round % 3 == 0   ? x[i]
             : round % 3 == 1 ? 1.0f + (float)(any % 2000001) * 1e-8f - 0.01f
                              : 0.5f + (float)(any % 1000000) * 1e-6f;
      const double power = (double)(bits >> 20 & 0xfffff) / 0xfffff * 300 - 160;
      const double log = log2((double)x[i]);
      y[i] = log == 0 || isinf(log) ? 1.0f : (float)(power / log);
    }
    check_powers(x, y, CHUNK);
  }
}

static void test_special_powers(void** state) {
  (void)state;
  for (int i = 0; i < SPECIALS; ++i) {
    float x[SPECIALS];
    for (int j = 0; j < SPECIALS; ++j) {
      x[j] = specials[i];
    }
    check_powers(x, specials, SPECIALS);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_accuracy), cmocka_unit_test(test_special_values),
      cmocka_unit_test(test_places),   cmocka_unit_test(test_places_of_powers),
      cmocka_unit_test(test_powers),   cmocka_unit_test(test_special_powers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
