// SPDX-License-Identifier: Apache-2.0
//
// The binding of oneDNN: loading, the cache of primitives, execution.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "backends/cpu/onednn/onednn.h"
#include "base/memory.h"

#if PT2_HAVE_ONEDNN

static const char kind;

typedef struct {
  dnnl_dim_t m, k, n;
} matmul_key_t;

static dnnl_memory_desc_t matrix(const pt2__onednn_t* onednn, dnnl_dim_t rows,
                                 dnnl_dim_t columns) {
  dnnl_dims_t dims = {rows, columns};
  dnnl_dims_t strides = {columns, 1};
  dnnl_memory_desc_t made = NULL;
  onednn->memory_desc_create_with_strides(&made, 2, dims, dnnl_f32, strides);
  return made;
}

static int describe_calls;

static dnnl_status_t describe(const pt2__onednn_t* onednn, dnnl_engine_t engine,
                              dnnl_primitive_attr_t attr, void* context,
                              dnnl_primitive_desc_t* out_description) {
  const matmul_key_t* key = context;
  __atomic_fetch_add(&describe_calls, 1, __ATOMIC_RELAXED);
  dnnl_memory_desc_t a = matrix(onednn, key->m, key->k);
  dnnl_memory_desc_t b = matrix(onednn, key->k, key->n);
  dnnl_memory_desc_t c = matrix(onednn, key->m, key->n);
  dnnl_status_t status = onednn->matmul_primitive_desc_create(
      out_description, engine, a, b, NULL, c, attr);
  onednn->memory_desc_destroy(a);
  onednn->memory_desc_destroy(b);
  onednn->memory_desc_destroy(c);
  return status;
}

static pt2_status_t multiply(matmul_key_t key) {
  const pt2__onednn_primitive_t* primitive;
  PT2_TRY(pt2__onednn_primitive_get(&kind, &key, sizeof(key), describe, &key,
                                    &primitive));
  float* a = malloc(sizeof(float) * (size_t)(key.m * key.k));
  float* b = malloc(sizeof(float) * (size_t)(key.k * key.n));
  float* c = malloc(sizeof(float) * (size_t)(key.m * key.n));
  for (dnnl_dim_t i = 0; i < key.m * key.k; ++i) {
    a[i] = (float)(i % 7);
  }
  for (dnnl_dim_t i = 0; i < key.k * key.n; ++i) {
    b[i] = (float)(i % 5);
  }
  pt2__onednn_argument_t arguments[] = {
      {DNNL_ARG_SRC, pt2__onednn_wanted(primitive, DNNL_ARG_SRC), a},
      {DNNL_ARG_WEIGHTS, pt2__onednn_wanted(primitive, DNNL_ARG_WEIGHTS), b},
      {DNNL_ARG_DST, pt2__onednn_wanted(primitive, DNNL_ARG_DST), c},
  };
  pt2_status_t status = pt2__onednn_execute(primitive, arguments, 3);
  pt2__onednn_primitive_release(primitive);
  for (dnnl_dim_t i = 0; status == PT2_STATUS_OK && i < key.m; ++i) {
    for (dnnl_dim_t j = 0; j < key.n; ++j) {
      float sum = 0;
      for (dnnl_dim_t l = 0; l < key.k; ++l) {
        sum += a[i * key.k + l] * b[l * key.n + j];
      }
      if (c[i * key.n + j] != sum) {
        status = PT2_STATUS_INTERNAL;
      }
    }
  }
  free(a);
  free(b);
  free(c);
  return status;
}

static void test_multiply_once_made(void** state) {
  (void)state;
  if (pt2__onednn() == NULL) {
    skip();
  }
  matmul_key_t key = {5, 7, 3};
  describe_calls = 0;
  assert_int_equal(multiply(key), PT2_STATUS_OK);
  assert_int_equal(multiply(key), PT2_STATUS_OK);
  assert_int_equal(describe_calls, 1);
}

static void test_many_shapes_stay_bounded(void** state) {
  (void)state;
  if (pt2__onednn() == NULL) {
    skip();
  }
  // More shapes than the cache keeps; the first must be made anew and right.
  for (dnnl_dim_t n = 1; n <= 1100; ++n) {
    assert_int_equal(multiply((matmul_key_t){1, 2, n}), PT2_STATUS_OK);
  }
  describe_calls = 0;
  assert_int_equal(multiply((matmul_key_t){1, 2, 1}), PT2_STATUS_OK);
  assert_int_equal(describe_calls, 1);
}

static void* worker(void* context) {
  for (dnnl_dim_t i = 0; i < 50; ++i) {
    if (multiply((matmul_key_t){2 + i % 5, 3, 4}) != PT2_STATUS_OK) {
      *(int*)context = 1;
    }
  }
  return NULL;
}

static void test_threads(void** state) {
  (void)state;
  if (pt2__onednn() == NULL) {
    skip();
  }
  pthread_t threads[4];
  int failed[4] = {0};
  for (int i = 0; i < 4; ++i) {
    assert_int_equal(pthread_create(&threads[i], NULL, worker, &failed[i]), 0);
  }
  for (int i = 0; i < 4; ++i) {
    pthread_join(threads[i], NULL);
    assert_int_equal(failed[i], 0);
  }
}

static void test_failures(void** state) {
  (void)state;
  if (pt2__onednn() == NULL) {
    skip();
  }
  // Sizes that do not fit: refused, recorded, nothing kept.
  pt2__error_begin();
  matmul_key_t bad = {-3, 2, 2};
  const pt2__onednn_primitive_t* primitive = NULL;
  assert_int_equal(pt2__onednn_primitive_get(&kind, &bad, sizeof(bad), describe,
                                             &bad, &primitive),
                   PT2_STATUS_UNSUPPORTED);
  assert_null(primitive);
  assert_true(pt2__error_pending());
  pt2__error_begin();
  pt2__fault_set(1, true);
  matmul_key_t fresh = {31, 2, 2};
  pt2_status_t status = pt2__onednn_primitive_get(&kind, &fresh, sizeof(fresh),
                                                  describe, &fresh, &primitive);
  pt2__fault_set(0, false);
  assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
  assert_null(primitive);
}

#endif  // PT2_HAVE_ONEDNN

int main(void) {
#if PT2_HAVE_ONEDNN
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_multiply_once_made),
      cmocka_unit_test(test_many_shapes_stay_bounded),
      cmocka_unit_test(test_threads),
      cmocka_unit_test(test_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
#else
  return 0;
#endif
}
