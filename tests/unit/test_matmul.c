// SPDX-License-Identifier: Apache-2.0
//
// Matrix product operators where the samples against PyTorch do not reach:
// results over their own operands, packed constants, failing allocations.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ops/op.h"

static pt2_tensor_t* over(float* data, int64_t rows, int64_t columns,
                          int64_t row_stride, int64_t column_stride,
                          bool immutable) {
  pt2__storage_t* storage = NULL;
  pt2_tensor_t* tensor = NULL;
  size_t bytes =
      (size_t)((rows - 1) * row_stride + (columns - 1) * column_stride + 1) *
      sizeof(float);
  assert_int_equal(pt2__storage_from_blob(data, bytes, PT2_DEVICE_CPU, 0, NULL,
                                          NULL, &storage),
                   PT2_STATUS_OK);
  storage->immutable = immutable;
  assert_int_equal(
      pt2__tensor_over(storage, PT2_DTYPE_F32, 2, (int64_t[]){rows, columns},
                       (int64_t[]){row_stride, column_stride}, 0, &tensor),
      PT2_STATUS_OK);
  pt2__storage_release(storage);
  return tensor;
}

static void fill(float* data, int64_t count, int step) {
  for (int64_t i = 0; i < count; ++i) {
    data[i] = (float)(i * step % 17) - 8;
  }
}

// Small whole numbers: every order of summing gives the same.
static void expect_product(const float* a, const float* b, int64_t b_rs,
                           int64_t b_cs, const float* self, int64_t self_rs,
                           const float* c, int64_t m, int64_t n, int64_t k) {
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      float want = self == NULL ? 0 : self[i * self_rs + j];
      for (int64_t l = 0; l < k; ++l) {
        want += a[i * k + l] * b[l * b_rs + j * b_cs];
      }
      assert_true(c[i * n + j] == want);
    }
  }
}

static void test_out_is_operand(void** state) {
  (void)state;
  enum { N = 20 };
  float a[N * N], b[N * N], before[N * N];
  fill(a, N * N, 5);
  fill(b, N * N, 7);
  memcpy(before, a, sizeof(a));
  pt2_tensor_t* ta = over(a, N, N, N, 1, false);
  pt2_tensor_t* tb = over(b, N, N, N, 1, false);
  assert_int_equal(aoti_torch_cpu_mm_out(ta, ta, tb), 0);
  expect_product(before, b, N, 1, NULL, 0, a, N, N, N);
  memcpy(before, b, sizeof(b));
  assert_int_equal(aoti_torch_cpu_mm_out(tb, ta, tb), 0);
  expect_product(a, before, N, 1, NULL, 0, b, N, N, N);
  // self is out; and the last row of out, which every other row needs.
  memcpy(before, b, sizeof(b));
  float c[N * N];
  fill(c, N * N, 3);
  pt2_tensor_t* tc = over(c, N, N, N, 1, false);
  assert_int_equal(aoti_torch_cpu_addmm_out(tb, tb, ta, tc, 1, 1), 0);
  expect_product(a, c, N, 1, before, N, b, N, N, N);
  memcpy(before, b, sizeof(b));
  pt2_tensor_t* row = over(b + (N - 1) * N, 1, N, N, 1, false);
  assert_int_equal(aoti_torch_cpu_addmm_out(tb, row, ta, tc, 1, 1), 0);
  expect_product(a, c, N, 1, before + (N - 1) * N, 0, b, N, N, N);
  pt2__tensor_release(ta);
  pt2__tensor_release(tb);
  pt2__tensor_release(tc);
  pt2__tensor_release(row);
}

// A constant weight [n, k] used transposed, with several numbers of rows.
static void test_constant_weight(void** state) {
  (void)state;
  enum { M = 20, N = 33, K = 40 };
  static float x[M * K], w[N * K], bias[N], out[M * N];
  fill(x, M * K, 5);
  fill(w, N * K, 7);
  fill(bias, N, 3);
  pt2_tensor_t* tw = over(w, K, N, 1, K, true);
  pt2_tensor_t* tb = over(bias, 1, N, N, 1, true);
  static const int64_t rows[] = {1, 2, 8, 9, M};
  for (int pass = 0; pass < 2; ++pass) {
    for (int i = 0; i < 5; ++i) {
      pt2_tensor_t* tx = over(x, rows[i], K, K, 1, false);
      pt2_tensor_t* to = over(out, rows[i], N, N, 1, false);
      assert_int_equal(aoti_torch_cpu_addmm_out(to, tb, tx, tw, 1, 1), 0);
      expect_product(x, w, 1, K, bias, 0, out, rows[i], N, K);
      pt2__tensor_release(tx);
      pt2__tensor_release(to);
    }
  }
  // Warm, nothing is allocated.
  pt2_tensor_t* tx = over(x, M, K, K, 1, false);
  pt2_tensor_t* to = over(out, M, N, N, 1, false);
  pt2__fault_set(1000000, false);
  assert_int_equal(aoti_torch_cpu_addmm_out(to, tb, tx, tw, 1, 1), 0);
  assert_int_equal(pt2__fault_set(0, false), 0);
  pt2__tensor_release(tx);
  pt2__tensor_release(to);
  pt2__tensor_release(tw);
  pt2__tensor_release(tb);
}

// Every allocation failing in turn: an error and an untouched result, or,
// where only packing was given up, the right result.
static void test_failing_allocations(void** state) {
  (void)state;
  enum { N = 300 };
  static float a[N * N], b[N * N], out[N * N], kept[N * N];
  fill(a, N * N, 5);
  fill(b, N * N, 7);
  bool failed = false;
  bool succeeded = false;
  for (uint64_t at = 1; at < 20 && !succeeded; ++at) {
    for (int constant = 0; constant < 2; ++constant) {
      pt2_tensor_t* ta = over(a, N, N, N, 1, false);
      pt2_tensor_t* tb = over(b, N, N, 1, N, constant == 1);
      pt2_tensor_t* to = over(out, N, N, N, 1, false);
      fill(out, N * N, 11);
      memcpy(kept, out, sizeof(out));
      pt2__error_begin();
      pt2__fault_set(at, false);
      int code = aoti_torch_cpu_mm_out(to, ta, tb);
      uint64_t seen = pt2__fault_set(0, false);
      if (code == 0) {
        expect_product(a, b, 1, N, NULL, 0, out, N, N, N);
        succeeded = constant == 1 && seen < at;
      } else {
        failed = true;
        assert_true(pt2__error_pending());
        assert_memory_equal(out, kept, sizeof(out));
      }
      pt2__tensor_release(ta);
      pt2__tensor_release(tb);
      pt2__tensor_release(to);
    }
  }
  assert_true(failed);
  assert_true(succeeded);
  pt2__error_begin();
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_out_is_operand),
      cmocka_unit_test(test_constant_weight),
      cmocka_unit_test(test_failing_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
