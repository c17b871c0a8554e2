// SPDX-License-Identifier: Apache-2.0
//
// The attention kernels of every instruction set that this CPU has, against
// the definition in double precision.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backends/cpu/cpu_features.h"
#include "backends/cpu/kernels/sequence/attention.h"
#include "pt2/tensor.h"

typedef struct {
  const char* name;
  bool is_double;
  bool here;
  const pt2__attention_kernel_t* kernel;
} variant_t;

static size_t variants(variant_t* out) {
  size_t count = 0;
  out[count++] = (variant_t){"f32", false, true, &pt2__attention_f32};
  out[count++] = (variant_t){"f64", true, true, &pt2__attention_f64};
#if defined(__x86_64__)
  bool avx2 = pt2__cpu_level() >= PT2__CPU_AVX2;
  bool avx512 = pt2__cpu_level() >= PT2__CPU_AVX512;
  out[count++] = (variant_t){"f32_avx2", false, avx2, &pt2__attention_f32_avx2};
  out[count++] = (variant_t){"f64_avx2", true, avx2, &pt2__attention_f64_avx2};
  out[count++] =
      (variant_t){"f32_avx512", false, avx512, &pt2__attention_f32_avx512};
  out[count++] =
      (variant_t){"f64_avx512", true, avx512, &pt2__attention_f64_avx512};
#endif
  return count;
}

static void put(void* data, bool is_double, int64_t at, double value) {
  if (is_double) {
    ((double*)data)[at] = value;
  } else {
    ((float*)data)[at] = (float)value;
  }
}

static double get(const void* data, bool is_double, int64_t at) {
  return is_double ? ((const double*)data)[at]
                   : (double)((const float*)data)[at];
}

static void* fill(bool is_double, int64_t count, unsigned* seed) {
  void* data = malloc(8 * (size_t)count);
  assert_non_null(data);
  for (int64_t i = 0; i < count; ++i) {
    *seed = *seed * 1103515245u + 12345u;
    put(data, is_double, i, (double)(*seed >> 8) / (1 << 23) - 1.0);
  }
  return data;
}

// One row by the definition.
static void expect_row(const pt2__attention_t* a, bool is_double, int64_t row,
                       double* scores, double* out) {
  double most = -INFINITY, sum = 0;
  for (int64_t k = 0; k < a->key_length; ++k) {
    scores[k] = 0;
    for (int64_t e = 0; e < a->head_size; ++e) {
      scores[k] += get(a->q.data, is_double, row * a->head_size + e) *
                   get(a->k.data, is_double, k * a->head_size + e);
    }
    scores[k] *= a->scale;
    if (a->mask.data != NULL) {
      scores[k] += get(a->mask.data, is_double, row * a->key_length + k);
    }
    if (a->causal && k > row) {
      scores[k] = -INFINITY;
    }
    most = scores[k] > most ? scores[k] : most;
  }
  memset(out, 0, sizeof(double) * (size_t)a->head_size);
  for (int64_t k = 0; k < a->key_length; ++k) {
    double weight = exp(scores[k] - most);
    sum += weight;
    for (int64_t e = 0; e < a->head_size; ++e) {
      out[e] += weight * get(a->v.data, is_double, k * a->head_size + e);
    }
  }
  for (int64_t e = 0; e < a->head_size; ++e) {
    out[e] /= sum;
  }
}

static void check(const variant_t* variant, int64_t rows, int64_t keys,
                  int64_t size, bool causal, bool masked) {
  unsigned seed = 7;
  bool d = variant->is_double;
  void* q = fill(d, rows * size, &seed);
  void* k = fill(d, keys * size, &seed);
  void* v = fill(d, keys * size, &seed);
  void* mask = fill(d, rows * keys, &seed);
  void* out = calloc((size_t)(rows * size), 8);
  void* sums = calloc((size_t)rows, 8);
  pt2__attention_t a = {.dtype = d ? PT2_DTYPE_F64 : PT2_DTYPE_F32,
                        .mask_dtype = !masked ? PT2_DTYPE_UNDEFINED
                                      : d     ? PT2_DTYPE_F64
                                              : PT2_DTYPE_F32,
                        .causal = causal,
                        .batch = 1,
                        .heads = 1,
                        .group = 1,
                        .query_length = rows,
                        .key_length = keys,
                        .head_size = size,
                        .scale = 1.0 / sqrt((double)size),
                        .q = {q, {0, 0, size, 1}},
                        .k = {k, {0, 0, size, 1}},
                        .v = {v, {0, 0, size, 1}},
                        .mask = {masked ? mask : NULL, {0, 0, keys, 1}},
                        .out = out,
                        .out_strides = {0, 0, size},
                        .logsumexp = sums,
                        .logsumexp_strides = {0, 0, 1}};
  char* scratch = malloc(variant->kernel->scratch_bytes(&a));
  assert_non_null(scratch);
  *(int64_t*)(void*)scratch = -1;
  for (int64_t row = 0; row < rows; row += PT2__ATTENTION_ROWS) {
    variant->kernel->block(&a, 0, 0, row, scratch);
  }
  double* scores = malloc(sizeof(double) * (size_t)keys);
  double* expected = malloc(sizeof(double) * (size_t)size);
  double tolerance = d ? 1e-14 : 2e-6;
  for (int64_t row = 0; row < rows; ++row) {
    expect_row(&a, d, row, scores, expected);
    for (int64_t e = 0; e < size; ++e) {
      double got = get(out, d, row * size + e);
      if (!(fabs(got - expected[e]) <= tolerance)) {
        fail_msg("%s %lldx%lldx%lld row %lld element %lld: %.9g, expected %.9g",
                 variant->name, (long long)rows, (long long)keys,
                 (long long)size, (long long)row, (long long)e, got,
                 expected[e]);
      }
    }
  }
  void* blocks[] = {q, k, v, mask, out, sums, scratch, scores, expected};
  for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); ++i) {
    free(blocks[i]);
  }
}

static void test_variants(void** unused) {
  (void)unused;
  static const int64_t sizes[][3] = {
      {1, 1, 1},    {3, 130, 64}, {5, 7, 8},     {17, 130, 16},
      {33, 33, 33}, {64, 64, 64}, {65, 128, 64}, {200, 257, 80},
      {70, 3, 5},   {4, 300, 128}};
  variant_t known[8];
  size_t count = variants(known);
  for (size_t i = 0; i < count; ++i) {
    print_message("%s: %s\n", known[i].name,
                  known[i].here ? "checked" : "not on this CPU");
    for (size_t s = 0; known[i].here && s < sizeof(sizes) / sizeof(sizes[0]);
         ++s) {
      for (int form = 0; form < 4; ++form) {
        check(&known[i], sizes[s][0], sizes[s][1], sizes[s][2], form & 1,
              (form & 2) != 0);
      }
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_variants)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
