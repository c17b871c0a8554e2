// SPDX-License-Identifier: Apache-2.0
//
// Products of bytes, through whichever kernels the CPU's level has, against
// plain loops; weights that no memory can hold; failing allocations.
#include <omp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backends/cpu/kernels/quantized/qgemm.h"
#include "base/memory.h"

static uint32_t seed = 5;

static uint32_t random_bits(void) {
  seed = seed * 1664525u + 1013904223u;
  return seed >> 8;
}

static pt2_tensor_t* make_weight(int64_t k, int64_t n, bool by_columns) {
  const int64_t sizes[2] = {k, n};
  const int64_t strides[2] = {by_columns ? 1 : n, by_columns ? k : 1};
  pt2_tensor_t* weight = NULL;
  assert_int_equal(pt2__tensor_empty(PT2_DTYPE_I8, 2, sizes, strides, &weight),
                   PT2_STATUS_OK);
  for (int64_t i = 0; i < k * n; ++i) {
    ((int8_t*)weight->data)[i] = (int8_t)random_bits();
  }
  return weight;
}

// A matrix of bytes and where the results go.
typedef struct {
  int64_t m, n, k;
  bool is_signed, by_columns;
  uint8_t* a;
  int32_t* c;
} product_t;

static uint8_t byte_at(const product_t* p, int64_t row, int64_t k) {
  return p->a[p->by_columns ? k * p->m + row : row * p->k + k];
}

static void gather(const void* context, int64_t row, int64_t count,
                   uint8_t* rows) {
  const product_t* p = context;
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t k = 0; k < p->k; ++k) {
      rows[i * p->k + k] = byte_at(p, row + i, k);
    }
  }
}

static void store(const void* context, const int32_t* sums, int64_t count,
                  int64_t row, int64_t column) {
  const product_t* p = context;
  memcpy(p->c + row * p->n + column, sums, (size_t)count * sizeof(*sums));
}

static product_t make_product(int64_t m, int64_t n, int64_t k, bool is_signed,
                              bool by_columns) {
  product_t p = {m, n, k, is_signed, by_columns, NULL, NULL};
  p.a = malloc((size_t)(m * k));
  p.c = malloc((size_t)(m * n) * sizeof(*p.c));
  for (int64_t i = 0; i < m * k; ++i) {
    p.a[i] = (uint8_t)random_bits();
  }
  memset(p.c, 0x5a, (size_t)(m * n) * sizeof(*p.c));
  return p;
}

static pt2__qgemm_t describe(const product_t* p,
                             const pt2__qgemm_weight_t* weight) {
  pt2__qgemm_t q = {.m = p->m,
                    .n = p->n,
                    .k = p->k,
                    .type = p->is_signed ? PT2__QUAD_S8 : PT2__QUAD_U8,
                    .a = p->a,
                    .a_rs = p->k,
                    .panels = weight->panels,
                    .reach = weight->reach,
                    .column_sums = weight->sums,
                    .finish = store,
                    .finish_context = p};
  if (p->by_columns) {
    q.gather = gather;
    q.gather_context = p;
  }
  return q;
}

static void check_product(int64_t m, int64_t n, int64_t k, bool is_signed,
                          bool by_columns) {
  product_t p = make_product(m, n, k, is_signed, by_columns);
  pt2_tensor_t* b = make_weight(k, n, by_columns);
  const pt2__qgemm_weight_t* weight = NULL;
  pt2__qgemm_weight_t* owned = NULL;
  assert_int_equal(pt2__qgemm_weight_get(b, 0, &weight, &owned), PT2_STATUS_OK);
  pt2__qgemm_t q = describe(&p, weight);
  assert_int_equal(pt2__qgemm(&q), PT2_STATUS_OK);
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      int32_t want = 0;
      for (int64_t l = 0; l < k; ++l) {
        uint8_t left = byte_at(&p, i, l);
        want += (is_signed ? (int8_t)left : left) *
                ((const int8_t*)b->data)[l * b->strides[0] + j * b->strides[1]];
      }
      assert_int_equal(p.c[i * n + j], want);
    }
  }
  pt2__qgemm_weight_release(owned);
  pt2__tensor_release(b);
  free(p.a);
  free(p.c);
}

static void test_products(void** state) {
  (void)state;
  static const int64_t sizes[][3] = {{1, 1, 1},     {3, 17, 5},   {6, 64, 64},
                                     {7, 65, 66},   {33, 40, 3},  {70, 200, 37},
                                     {97, 63, 128}, {5, 150, 300}};
  int before = omp_get_max_threads();
  for (int threads = 1; threads <= 3; threads += 2) {
    omp_set_num_threads(threads);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); ++i) {
      for (int kind = 0; kind < 4; ++kind) {
        check_product(sizes[i][0], sizes[i][1], sizes[i][2], kind % 2 == 1,
                      kind / 2 == 1);
      }
    }
  }
  omp_set_num_threads(before);
}

// One byte that claims to be a matrix: its panels would be of 2^64 bytes.
static void test_too_large(void** state) {
  (void)state;
  static const int64_t sizes[][2] = {
      {1, INT64_C(1) << 62}, {INT64_C(1) << 60, 2}, {1, INT64_MAX}};
  int8_t byte = 1;
  pt2__storage_t* storage = NULL;
  assert_int_equal(
      pt2__storage_from_blob(&byte, 1, PT2_DEVICE_CPU, 0, NULL, NULL, &storage),
      PT2_STATUS_OK);
  for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); ++i) {
    pt2_tensor_t* b = NULL;
    assert_int_equal(pt2__tensor_over(storage, PT2_DTYPE_I8, 2, sizes[i],
                                      (int64_t[]){0, 0}, 0, &b),
                     PT2_STATUS_OK);
    const pt2__qgemm_weight_t* weight = NULL;
    pt2__qgemm_weight_t* owned = NULL;
    pt2__error_begin();
    assert_int_equal(pt2__qgemm_weight_get(b, 0, &weight, &owned),
                     PT2_STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(pt2_error_message(), "operands are too large"));
    assert_null(owned);
    pt2__tensor_release(b);
  }
  pt2__storage_release(storage);
  pt2__error_begin();
}

static void test_failing_allocations(void** state) {
  (void)state;
  product_t p = make_product(20, 30, 43, true, false);
  pt2_tensor_t* b = make_weight(43, 30, false);
  const pt2__qgemm_weight_t* weight = NULL;
  pt2__qgemm_weight_t* owned = NULL;
  for (uint64_t at = 1; at <= 2; ++at) {
    pt2__error_begin();
    pt2__fault_set(at, false);
    pt2_status_t status = pt2__qgemm_weight_get(b, 0, &weight, &owned);
    pt2__fault_set(0, false);
    assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
    assert_null(owned);
  }
  assert_int_equal(pt2__qgemm_weight_get(b, 0, &weight, &owned), PT2_STATUS_OK);
  pt2__qgemm_t q = describe(&p, weight);
  pt2__error_begin();
  pt2__fault_set(1, false);
  pt2_status_t status = pt2__qgemm(&q);
  pt2__fault_set(0, false);
  assert_int_equal(status, PT2_STATUS_OUT_OF_MEMORY);
  for (int64_t i = 0; i < p.m * p.n; ++i) {
    assert_int_equal(p.c[i], 0x5a5a5a5a);
  }
  pt2__error_begin();
  pt2__qgemm_weight_release(owned);
  pt2__tensor_release(b);
  free(p.a);
  free(p.c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_products),
      cmocka_unit_test(test_too_large),
      cmocka_unit_test(test_failing_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
